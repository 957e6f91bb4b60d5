import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverMetrics } from '../pretrain/cover/method.js';
import { runPlots } from '../pretrain/plots.js';
import { linePlot, ticks } from './curves.js';
import { type MetricRecord, renderReport } from './html.js';
import { svgFile } from './page.js';

const metrics: MetricRecord[] = Array.from({ length: 30 }, (_, step) => ({
  kind: 'train',
  step,
  loss: 10 / (step + 1),
  vectorLoss: 8 / (step + 1),
  consistencyLoss: 2 / (step + 1),
  endpointError: 5 / (step + 1),
  gradientNorm: step === 12 ? null : 1 + step,
  learningRate: 1e-4,
  dataWaitShare: 0.1,
}));
metrics.push({
  kind: 'validation',
  step: 0,
  endpointError: 5,
  zeroEndpointError: 6,
  featureDeviation: 0.3,
  effectiveRank: 4,
});
metrics.push({
  kind: 'validation',
  step: 29,
  endpointError: 1,
  zeroEndpointError: 6,
  featureDeviation: 0.5,
  effectiveRank: 9,
});

const report = renderReport({
  title: 'A <run> & more',
  config: { seed: 3, model: { widths: [8, 16] }, data: '/data/<x>' },
  plots: runPlots(metrics, coverMetrics),
  samples: [{ name: 'pair 1', png: new Uint8Array([137, 80, 78, 71]), caption: 'first "pair"' }],
  summary: { 'endpoint error': 1.23456, device: 'cpu' },
});

test('the report stands alone: no script, no link, no address outside', () => {
  assert.doesNotMatch(report, /https?:|<script|<link|<iframe|@import|url\(/i);
  for (const [, address] of report.matchAll(/(?:src|href)="([^"]*)"/g))
    assert.match(address!, /^data:image\/png;base64,/);
});

test('the report holds each curve with its points, the configuration, the pictures and the summary', () => {
  for (const name of [
    'total',
    'vector',
    'consistency',
    'training',
    'validation',
    'zero field',
    'before clipping',
    'learning rate',
  ]) {
    const path = report.match(new RegExp(`data-series="${name}"[^>]* d="(M[^"]*)"`))?.[1];
    assert.ok(path && path.split('L').length > 1, name);
    assert.doesNotMatch(path, /NaN|Infinity/);
  }
  for (const title of ['Feature spread', 'Effective rank', 'Gradient norm'])
    assert.ok(report.includes(`>${title}</text>`), title);
  assert.ok(report.includes('<th scope="row">model.widths</th><td>[8,16]</td>'));
  assert.ok(report.includes('base64,iVBORw=='));
  assert.ok(report.includes('<dd>1.235</dd>'));
  assert.ok(report.includes('prefers-color-scheme: dark'));
});

test('texts are escaped', () => {
  assert.ok(report.includes('A &#60;run&#62; &#38; more') && !report.includes('<run>') && !report.includes('<x>'));
});

test('a run without records has a report', () => {
  const empty = renderReport({
    title: 'empty',
    config: {},
    plots: runPlots([], coverMetrics),
    samples: [],
    summary: 'nothing yet',
  });
  assert.match(empty, /no values yet/);
  assert.match(empty, /<p>nothing yet<\/p>/);
});

test('a value that is not finite interrupts the line; a logarithmic axis leaves out 0', () => {
  const path = (points: [number, number][], log = false) =>
    linePlot({ title: 't', log, series: [{ name: 's', points }] }).match(/data-series[^>]* d="([^"]*)"/)![1]!;
  assert.equal(
    path([
      [0, 1],
      [1, 2],
      [2, Number.NaN],
      [3, 1],
      [4, 2],
    ]).split('M').length - 1,
    2,
  );
  assert.equal(
    path(
      [
        [0, 0],
        [1, 1],
        [2, 10],
      ],
      true,
    ).split('L').length - 1,
    1,
  );
  assert.doesNotMatch(
    path([
      [0, 3],
      [1, 3],
    ]),
    /NaN/,
  );
});

test('a long line is thinned but keeps its peak', () => {
  const points = Array.from({ length: 50_000 }, (_, x) => [x, x === 31_111 ? 100 : Math.sin(x)] as const);
  const plot = linePlot({ title: 't', series: [{ name: 's', points }] });
  assert.ok(plot.length < 25_000);
  const heights = [...plot.match(/data-series[^>]* d="([^"]*)"/)![1]!.matchAll(/ ([\d.]+)/g)].map(([, y]) => Number(y));
  assert.ok(Math.min(...heights) < 80, 'the peak reaches the top');
  const trend = [...plot.matchAll(/<path class="line" [^>]* d="([^"]*)"/g)].at(-1)![1]!;
  assert.equal(trend.split('L').length, 60, 'the means are drawn over it');
});

test('ticks are round and within their range', () => {
  assert.deepEqual(ticks([0, 100], 5), [0, 20, 40, 60, 80, 100]);
  assert.deepEqual(ticks([-1.2, 1.1], 5), [-1, -0.5, 0, 0.5, 1]);
});

test('the names of many lines go on in a second row, inside of the plot', () => {
  const names = ['scratch', 'cover', 'contrast', 'restoration', 'consistency', 'no pyramid, one head'];
  const plot = linePlot({
    title: 't',
    series: names.map((name) => ({ name, points: [[0, 1] as const, [1, 2] as const] })),
  });
  const height = Number(plot.match(/viewBox="0 0 460 (\d+)"/)![1]);
  assert.equal(height, 270 + 16);
  for (const name of names) {
    const [, x, y] = plot.match(new RegExp(`<text class="tick" x="([\\d.]+)" y="(\\d+)">${name}<`))!;
    assert.ok(Number(x) + name.length * 6.2 <= 460 - 14, name);
    assert.ok([37, 53].includes(Number(y)), name);
  }
});

test('a logarithmic x axis has equal ways for equal factors; few points are marked', () => {
  const points = [
    [0, 5],
    [1, 1],
    [10, 2],
    [100, 3],
  ] as const;
  const band = points.map(([x, y]) => [x, y - 0.5, y + 0.5] as const);
  const plot = linePlot({ title: 't', xLog: true, marks: true, series: [{ name: 's', points, band }] });
  const xs = [...plot.matchAll(/<circle[^>]* cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  assert.equal(xs.length, 3);
  assert.ok(Math.abs(xs[2]! - xs[1]! - (xs[1]! - xs[0]!)) < 0.2, xs.join());
  const labels = [...plot.matchAll(/text-anchor="middle"[^>]*>([^<]*)</g)].map(([, text]) => text);
  assert.deepEqual(labels, ['1', '2', '5', '10', '20', '50', '100']);
  assert.doesNotMatch(plot, /NaN|Infinity/);
  const file = svgFile(plot);
  assert.match(file, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" class="plot" viewBox="[^>]*><style>/);
  for (const [, name] of file.matchAll(/var\((--[\w-]+)\)/g)) assert.ok(file.includes(`${name}: #`), name);
});
