/**
 * `npm run bench`: this program and PyTorch in turns, in one sitting; medians, their spread and ratios as a table.
 * PyTorch runs as it is and with each allocator that is there, and the best of these counts.
 */
import { existsSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { guardProcess, parse } from '../cli/parse.js';
import { InputError } from '../core/errors.js';
import { escapeText, htmlPage, linePlot, type PlotOptions } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import { type BenchCase, benchCases } from './cases.js';
import { filesOf } from './files.js';
import type { Measurement } from './measure.js';
import { pieces } from './pieces.js';
import { allocators, findPython, requireReaders, runOurs, runYardstick } from './yardstick.js';

interface Row {
  readonly name: string;
  readonly oursMs: number;
  /** The largest round less the smallest, as a share of the median. */
  readonly oursSpread: number;
  /** With the allocator that is fastest. */
  readonly torchMs: number | null;
  readonly torchSpread: number | null;
  readonly allocator: string | null;
  /** Ours / PyTorch's; below 1 we are faster. */
  readonly timeRatio: number | null;
  readonly oursMib: number;
  /** With the allocator that takes least. */
  readonly torchMib: number | null;
  readonly memoryRatio: number | null;
  readonly rounds: {
    readonly ours: readonly Measurement[];
    readonly theirs: Readonly<Record<string, readonly Measurement[]>>;
  };
}

interface Options {
  readonly allocator?: string;
  readonly cases?: string;
  readonly json?: string;
  readonly plot?: string;
  readonly rounds: string;
  readonly yardstick: string;
}

const own = fileURLToPath(new URL('../../bench/pytorch.py', import.meta.url));
const names = [...benchCases.map(({ name }) => name), ...Object.keys(pieces)];

async function bench({ allocator, cases, json, plot, rounds, yardstick }: Options): Promise<void> {
  const wanted = cases?.split(',') ?? names;
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length) {
    throw new InputError('bench', `there is no case ${unknown.join(', ')}`, `Allowed: ${names.join(', ')}.`);
  }
  if (!(Number.isInteger(Number(rounds)) && Number(rounds) > 0)) {
    throw new InputError('bench', `--rounds ${rounds}: expected a whole number above 0`, 'Example: --rounds 3');
  }
  if (!existsSync(yardstick))
    throw new InputError(
      'bench',
      `${yardstick}: expected a Python script, found no such file`,
      'Leave --yardstick out to use bench/pytorch.py.',
    );
  const there = allocators();
  if (allocator !== undefined && there[allocator] === undefined) {
    throw new InputError(
      'bench',
      `--allocator ${allocator}: expected one that this machine has`,
      `Allowed: ${Object.keys(there).join(', ')}.`,
    );
  }
  const preloads = allocator === undefined ? there : { [allocator]: there[allocator]! };
  if (plot && !wanted.includes('scaling')) {
    throw new InputError(
      'bench',
      '--plot: expected the case scaling among --cases',
      'Example: --cases scaling --plot scaling.html',
    );
  }
  const torch = findPython();
  const machine = `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} threads, Node ${process.version}`;
  console.log(`${machine}, ${torch ? `PyTorch ${torch.version}` : 'no PyTorch: ours alone'}\n`);
  const rows: Row[] = [];
  const chosen = benchCases.filter(({ name }) => wanted.includes(name));
  if (torch) requireReaders(torch.python, chosen);
  if (chosen.length) {
    console.log(tableLine(['case', 'ours ms', '±', 'torch ms', '±', 'ratio', 'ours MiB', 'torch MiB', 'ratio']));
  }
  for (const one of chosen) {
    const row = await compare(one, Number(rounds), { python: torch?.python, script: yardstick, preloads });
    rows.push(row);
    const times = [cell(row.oursMs), percent(row.oursSpread), cell(row.torchMs), percent(row.torchSpread)];
    const memory = [cell(row.oursMib), cell(row.torchMib), cell(row.memoryRatio, 2)];
    console.log(tableLine([row.name, ...times, cell(row.timeRatio, 2), ...memory]));
  }
  const found: Record<string, unknown> = {};
  const plots: PlotOptions[] = [];
  for (const [name, measure] of Object.entries(pieces)) {
    if (!wanted.includes(name)) continue;
    const { lines, values, plots: own = [] } = await measure();
    found[name] = values;
    plots.push(...own);
    console.log(`\n${lines.join('\n')}`);
  }
  if (plot) {
    const figures = plots.map((one) => `<figure>${linePlot(one)}</figure>`).join('\n');
    writeFileAtomic(
      plot,
      htmlPage('Benchmark', `<p>${escapeText(machine)}</p>\n<div class="plots">\n${figures}\n</div>`),
    );
    console.log(`\nWritten: ${plot}`);
  }
  if (json) {
    const date = new Date().toISOString();
    writeFileAtomic(
      json,
      `${JSON.stringify({ date, machine, torch: torch?.version ?? null, rows, pieces: found }, null, 2)}\n`,
    );
    console.log(`\nWritten: ${json}`);
  }
}

interface Yardstick {
  readonly python: string | undefined;
  readonly script: string;
  /** Paths of allocators, by their names. */
  readonly preloads: Readonly<Record<string, string>>;
}

/**
 * Ours and theirs in turns, theirs with each allocator; the medians over the rounds, of theirs the best allocator's.
 */
async function compare(one: BenchCase, rounds: number, { python, script, preloads }: Yardstick): Promise<Row> {
  const files = await filesOf(one);
  const ours: Measurement[] = [];
  const theirs = new Map<string, Measurement[]>();
  try {
    for (let round = 0; round < rounds; round++) {
      ours.push(await runOurs(one, files?.folder));
      if (!python || !one.compared) continue;
      for (const [allocator, preload] of Object.entries(preloads)) {
        const how = { python, script: one.kind === 'step' ? script : own, preload, files: files?.folder };
        const found = theirs.get(allocator) ?? [];
        theirs.set(allocator, [...found, await runYardstick(how, one)]);
      }
    }
  } finally {
    files?.remove();
  }
  const best = (of: (one: Measurement) => number) => {
    const all = [...theirs].map(([allocator, found]) => ({ allocator, values: found.map(of) }));
    return all.sort((a, b) => median(a.values)! - median(b.values)!)[0] ?? null;
  };
  const [time, memory] = [best(({ step }) => step), best(({ peak_rss_mib }) => peak_rss_mib)];
  const oursMs = ours.map(({ step }) => step);
  const oursMib = median(ours.map(({ peak_rss_mib }) => peak_rss_mib))!;
  const [torchMs, torchMib] = [time && median(time.values), memory && median(memory.values)];
  return {
    name: one.name,
    oursMs: median(oursMs)!,
    oursSpread: spread(oursMs),
    torchMs,
    torchSpread: time && spread(time.values),
    allocator: time?.allocator ?? null,
    timeRatio: torchMs && median(oursMs)! / torchMs,
    oursMib,
    torchMib,
    memoryRatio: torchMib && oursMib / torchMib,
    rounds: { ours, theirs: Object.fromEntries(theirs) },
  };
}

/** The largest of the rounds' values less the smallest, as a share of their median. */
function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values)!;
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function percent(share: number | null): string {
  return share === null ? '' : `${Math.round(100 * share)} %`;
}

function cell(value: number | null, digits = 0): string {
  return value === null ? '' : value.toFixed(digits);
}

const WIDTHS = [18, 8, 6, 9, 6, 6, 9, 10, 6];

function tableLine(cells: readonly string[]): string {
  return cells.map((text, index) => (index ? text.padStart(WIDTHS[index]!) : text.padEnd(WIDTHS[0]!))).join('');
}

const program = new Command('bench')
  .description('speed and memory of this program beside PyTorch, in one sitting')
  .option('-c, --cases <names>', `comma-separated; all by default: ${names.join(', ')}`)
  .option('--allocator <name>', 'run PyTorch with this one alone: plain, jemalloc or tcmalloc')
  .option('--json <file>', 'write the figures')
  .option('--plot <file>', 'write an HTML page with the plots of the case scaling')
  .option('--rounds <count>', 'ours and PyTorch in turns so many times', '3')
  .option('--yardstick <file>', 'a Python script with the options of bench/pytorch.py, for the training steps', own)
  .action(bench);

guardProcess();
await parse(program);
