/** What `cover pretrain` and `cover finetune` have in common: how a run is started, shown and told of. */
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { endProcess } from '../cluster/end-process.js';
import type { Member } from '../cluster/watch.js';
import { forecastText } from '../core/duration.js';
import { InputError } from '../core/errors.js';
import { printableMessage } from '../core/printable.js';
import type { Cluster } from '../node/cluster.js';
import { type Criterion, metricValue } from '../train/criterion.js';
import type { Recovery, TrainingEvents } from '../train/events.js';
import type { TrainingResult } from '../train/loop.js';
import { createProgress, type Output, type Progress } from './progress.js';
import { initialWeightsLines, memoryLine } from './start-lines.js';
import { stoppable } from './stop-signals.js';

/** The options of every training. */
export interface TrainingOptions {
  readonly out: string;
  readonly config?: string;
  readonly set: string[];
  readonly resume?: boolean;
  readonly extend?: string;
  readonly ignoreMemory?: boolean;
  readonly mpi?: string;
}

export function addTrainingOptions(command: Command): Command {
  return command
    .requiredOption('-o, --out <folder>', 'the run folder')
    .option('-c, --config <file>', 'a YAML configuration')
    .option('-s, --set <key=value>', 'one setting, repeatable', (value: string, all: string[]) => [...all, value], [])
    .option('--resume', 'continue the run in the folder, bit for bit')
    .option('--extend <steps>', 'train the finished run in the folder on to this total')
    .option('--ignore-memory', 'start even if the memory may not suffice')
    .option('--mpi <library>', 'under mpirun or srun: the MPI library where it is not found, or off');
}

/**
 * A run that goes on, or undefined for a new one.
 * @param others what was given beside, by the names of the options
 * @throws InputError ('config') where settings are given for a run that keeps its own
 */
export function goingOn(
  { resume, extend, config, set }: TrainingOptions,
  others: Readonly<Record<string, unknown>>,
): { readonly resume: true } | { readonly extend: number } | undefined {
  if (!resume && extend === undefined) return undefined;
  const given = { ...others, '--config': config, '--set': set.length, '--extend': resume && extend };
  const extra = Object.entries(given).flatMap(([name, value]) => (value ? [name] : []));
  if (extra.length > 0) {
    throw new InputError(
      'config',
      `${resume ? '--resume' : '--extend'} goes on with the settings of the run; found ${extra.join(', ')} beside it`,
      'For other settings begin another run; --init-from takes the weights of this one.',
    );
  }
  if (resume) return { resume: true };
  const steps = Number(extend);
  if (Number.isSafeInteger(steps) && steps > 0) return { extend: steps };
  throw new InputError('config', `--extend ${extend}: expected a whole number of steps`, 'Example: --extend 4000');
}

/** Runs a training with its progress printed, ended by Ctrl-C or SIGTERM with a checkpoint. */
export async function runTraining<Facts>(
  start: (events: TrainingEvents<Facts>) => Promise<TrainingResult>,
  show: (progress: Progress) => TrainingEvents<Facts>,
  cluster: Cluster | null = null,
): Promise<TrainingResult> {
  if (!cluster) return runShown(start, show, process.stdout);
  const { leads, launch } = cluster;
  try {
    const result = await runShown(
      start,
      show,
      leads ? process.stdout : { write: () => true, isTTY: false, columns: 0 },
    );
    cluster.end();
    // Some launchers end all processes when one of them ends with a code, as one does that was stopped.
    if (!leads) process.exitCode = 0;
    return result;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    // What all processes find is said by rank 0 alone: the others wait until the launcher has ended them.
    if (!leads) await sleep(PRECEDENCE);
    process.stderr.write(`error: ${leads ? '' : `rank ${launch.rank}: `}${printableMessage(error.message)}\n`);
    cluster.end(error);
    await sleep(FAREWELL);
    return endProcess(1);
  }
}

/** Which process is which: launchers name one that has died by its number alone. */
export function tellMembers(library: string, members: readonly Member[]): void {
  const [first] = members;
  const places = members.map(
    ({ rank, host, pid }) => `rank ${rank} is process ${pid}${host === first!.host ? '' : ` on ${host}`}`,
  );
  console.log(`${members.length} processes with ${library} on ${first!.host}: ${places.join(', ')}`);
}

/** In ms: for how long rank 0 has the word, and how long a process that failed takes to tell the others. */
const PRECEDENCE = 1000;
const FAREWELL = 100;

async function runShown<Facts>(
  start: (events: TrainingEvents<Facts>) => Promise<TrainingResult>,
  show: (progress: Progress) => TrainingEvents<Facts>,
  output: Output,
): Promise<TrainingResult> {
  const progress = createProgress(output);
  const print = (lines: readonly string[]) => {
    for (const line of lines) progress.line(line);
  };
  return stoppable(progress, (shouldStop) =>
    start({
      onMemory: (need) => progress.line(memoryLine(need)),
      onInitialWeights: (weights) => print(initialWeightsLines(weights)),
      onRecovery: (recovery) => print(recoveryLines(recovery)),
      onForecast: (forecast) => progress.line(forecastText(forecast)),
      shouldStop,
      ...show(progress),
    }),
  );
}

/** Why a run does not simply go on. */
function recoveryLines({ damaged, step, changed }: Recovery): string[] {
  const lines = damaged.flatMap(({ path, reason }) => [`damaged: ${reason}`, `  it is kept as ${path}`]);
  if (step === null) return [...lines, 'the run had no checkpoint yet and begins anew'];
  if (damaged.length > 0) lines.push(`the run goes on from step ${step}`);
  if (changed.length > 0) {
    lines.push('config.yaml was edited; the run keeps its own settings:', ...changed.map((line) => `  ${line}`));
  }
  return lines;
}

/** What there is at the end. */
export function report({ step, finished, checkpoint, best, criterion }: TrainingResult): void {
  console.log(`\n${finished ? 'Finished' : 'Stopped'} at step ${step}`);
  console.log(`  checkpoint  ${checkpoint}`);
  if (best) {
    console.log(`  best        ${join(dirname(checkpoint), 'best.safetensors')}`);
    console.log(`              (step ${best.step}, ${bestText(criterion, best[criterion.key]!)})`);
  }
  console.log(`  report      ${join(dirname(dirname(checkpoint)), 'report.html')}`);
}

function bestText(criterion: Criterion, value: number): string {
  return `${criterion.short} ${metricValue(criterion, value)}`;
}
