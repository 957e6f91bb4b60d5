/**
 * How the time of a step grows with the pixels of a sample and with the samples of a batch: a table and a straight
 * line.
 */
import type { PlotOptions } from '../report/index.js';
import type { BenchCase } from './cases.js';
import type { Piece } from './pieces.js';
import { runOurs } from './yardstick.js';

interface Point {
  readonly size: number;
  readonly batch: number;
  /** Pixels of all samples, in millions. */
  readonly megapixels: number;
  readonly milliseconds: number;
}

const SIZES = [64, 128, 192, 256, 320, 384];
const BATCHES = [1, 2, 4, 8];

export async function scaling(): Promise<Piece> {
  const bySize: Point[] = [];
  for (const size of SIZES) bySize.push(await measure(size, 1));
  const byBatch: Point[] = [];
  for (const batch of BATCHES) byBatch.push(await measure(128, batch));
  const fits = { size: straightLine(bySize), batch: straightLine(byBatch) };
  return {
    lines: [
      'scaling: a step by size (batch 1)',
      ...table(bySize),
      describe(fits.size),
      '',
      'scaling: a step by batch (128²)',
      ...table(byBatch),
      describe(fits.batch),
    ],
    values: { bySize, byBatch, fits },
    plots: [
      plotOf('A step by size (batch 1)', bySize, fits.size),
      plotOf('A step by batch (128²)', byBatch, fits.batch),
    ],
  };
}

function plotOf(title: string, points: readonly Point[], { perMegapixel, offset }: Line): PlotOptions {
  const fitted = points.map(({ megapixels }) => [megapixels, offset + perMegapixel * megapixels] as const);
  const measured = points.map(({ megapixels, milliseconds }) => [megapixels, milliseconds] as const);
  return {
    title,
    xLabel: 'megapixels of all samples',
    yLabel: 'ms',
    zero: true,
    series: [
      { name: 'measured', points: measured },
      { name: 'straight line', points: fitted, dashed: true },
    ],
  };
}

async function measure(size: number, batch: number): Promise<Point> {
  const own = { size, batch, micro: batch, runs: 5, warmups: 2, compared: false };
  const wanted: BenchCase = { name: '', kind: 'step', dims: 2, ...own };
  const { step } = await runOurs(wanted);
  return { size, batch, megapixels: (size * size * batch) / 1e6, milliseconds: step };
}

interface Line {
  readonly perMegapixel: number;
  readonly offset: number;
  /** The share of the variance that the line explains. */
  readonly r2: number;
}

function straightLine(points: readonly Point[]): Line {
  const mean = (of: (point: Point) => number) => points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean((p) => p.megapixels), mean((p) => p.milliseconds)];
  const covariance = mean((p) => (p.megapixels - x) * (p.milliseconds - y));
  const [varX, varY] = [mean((p) => (p.megapixels - x) ** 2), mean((p) => (p.milliseconds - y) ** 2)];
  const perMegapixel = covariance / varX;
  return { perMegapixel, offset: y - perMegapixel * x, r2: covariance ** 2 / (varX * varY) };
}

const WIDTH = 40;

function table(points: readonly Point[]): string[] {
  const longest = Math.max(...points.map(({ milliseconds }) => milliseconds));
  return points.map(({ size, batch, megapixels, milliseconds }) => {
    const bar = '█'.repeat(Math.max(1, Math.round((WIDTH * milliseconds) / longest)));
    const each = (milliseconds / megapixels).toFixed(0);
    return `${`${size}² × ${batch}`.padEnd(9)}${milliseconds.toFixed(0).padStart(7)} ms${each.padStart(8)} ms/Mpx  ${bar}`;
  });
}

function describe({ perMegapixel, offset, r2 }: Line): string {
  return `line: ${offset.toFixed(0)} ms + ${perMegapixel.toFixed(0)} ms per megapixel, R² ${r2.toFixed(4)}`;
}
