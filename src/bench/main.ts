/** `npm run bench`: our step and PyTorch's in turns, A B A B, in one sitting; medians and ratios as a table. */
import { existsSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { guardProcess, parse } from '../cli/parse.js';
import { InputError } from '../core/errors.js';
import { escapeText, htmlPage, linePlot, type PlotOptions } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import { type BenchCase, benchCases } from './cases.js';
import type { Measurement } from './measure.js';
import { pieces } from './pieces.js';
import { findPython, runOurs, runYardstick } from './yardstick.js';

interface Row {
  readonly name: string;
  readonly oursMs: number;
  readonly torchMs: number | null;
  /** Ours / PyTorch's; below 1 we are faster. */
  readonly timeRatio: number | null;
  readonly oursMib: number;
  readonly torchMib: number | null;
  readonly memoryRatio: number | null;
}

interface Options {
  readonly cases?: string;
  readonly json?: string;
  readonly plot?: string;
  readonly rounds: string;
  readonly yardstick: string;
}

const own = fileURLToPath(new URL('../../bench/pytorch.py', import.meta.url));
const names = [...benchCases.map(({ name }) => name), ...Object.keys(pieces)];

async function bench({ cases, json, plot, rounds, yardstick }: Options): Promise<void> {
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
  if (chosen.length) console.log(tableLine(['case', 'ours ms', 'torch ms', 'ratio', 'ours MiB', 'torch MiB', 'ratio']));
  for (const one of chosen) {
    const row = await compare(one, Number(rounds), torch?.python, yardstick);
    rows.push(row);
    const cells = [row.oursMs, row.torchMs, row.timeRatio, row.oursMib, row.torchMib, row.memoryRatio];
    console.log(tableLine([row.name, ...cells.map((value, index) => cell(value, index % 3 === 2 ? 2 : 0))]));
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

/** Ours and theirs in turns; the medians over the rounds. */
async function compare(one: BenchCase, rounds: number, python: string | undefined, script: string): Promise<Row> {
  const ours: Measurement[] = [];
  const theirs: Measurement[] = [];
  for (let round = 0; round < rounds; round++) {
    ours.push(await runOurs(one));
    if (python && one.compared) theirs.push(await runYardstick(python, one.kind === 'embed' ? own : script, one));
  }
  const [oursMs, torchMs] = [ours, theirs].map((all) => median(all.map(({ step }) => step)));
  const [oursMib, torchMib] = [ours, theirs].map((all) => median(all.map(({ peak_rss_mib }) => peak_rss_mib)));
  const ratio = (a: number | null | undefined, b: number | null | undefined) => (a && b ? a / b : null);
  return {
    name: one.name,
    oursMs: oursMs!,
    torchMs: torchMs ?? null,
    timeRatio: ratio(oursMs, torchMs),
    oursMib: oursMib!,
    torchMib: torchMib ?? null,
    memoryRatio: ratio(oursMib, torchMib),
  };
}

function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function cell(value: number | null, digits: number): string {
  return value === null ? '' : value.toFixed(digits);
}

function tableLine([name, ...cells]: readonly string[]): string {
  return name!.padEnd(20) + cells.map((text) => text.padStart(10)).join('');
}

const program = new Command('bench')
  .description('speed and memory of this program beside PyTorch, in one sitting')
  .option('-c, --cases <names>', `comma-separated; all by default: ${names.join(', ')}`)
  .option('--json <file>', 'write the figures')
  .option('--plot <file>', 'write an HTML page with the plots of the case scaling')
  .option('--rounds <count>', 'A B, A B, …', '2')
  .option('--yardstick <file>', 'a Python script with the options of bench/pytorch.py, for the training steps', own)
  .action(bench);

guardProcess();
await parse(program);
