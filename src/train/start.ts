/**
 * Where a run starts. Three words, three meanings: resume continues the same run, extend gives a finished run a longer
 * schedule, and initial weights begin another run. A run that was killed before its first checkpoint begins anew, by
 * either word.
 */
import { dotted } from '../core/dotted.js';
import { InputError } from '../core/errors.js';
import { type Best, type Checkpoint, type CheckpointKind, OtherKindError, readCheckpoint } from './checkpoint.js';
import { BEST } from './checkpoint-choice.js';
import { configYaml } from './config/read.js';
import type { TrainingConfig } from './config/sections.js';
import type { DamagedCheckpoint, ExtensionRecord, Recovery, TrainingEvents } from './events.js';
import type { State } from './groups.js';
import { type InitialWeights, writeTransferRecord } from './initial-weights.js';
import type { RunFolder } from './run-folder.js';
import { saveCheckpoint } from './save-checkpoint.js';

export type RunSource<Config> =
  /** A new run; `initFrom` names a run folder or a file of weights. */
  | { readonly config: Config; readonly initFrom?: string }
  /** The run in the folder, from its last checkpoint. */
  | { readonly resume: true }
  /** The finished run in the folder, on to this last step. */
  | { readonly extend: number };

/** What a new run begins with. */
export interface Beginning<Config> {
  /** Complete. */
  readonly config: Config;
  /** The first parameters. They may be drawn in the call: a long one. */
  state(): State;
  readonly initialWeights?: InitialWeights;
}

export interface Start<Config> extends Beginning<Config> {
  /** The step of the checkpoint that the run goes on from; null for a new run. */
  readonly step: number | null;
  readonly best: Best | null;
  readonly recovery: Recovery | null;
}

/** A kind of training as starting needs it. */
export interface StartKind<Config> extends CheckpointKind<Config> {
  /** The configuration in the text of a `config.yaml`. @throws InputError ('config') */
  parse(yaml: string, name: string): Config;
  /** Makes a new run's configuration complete and its first parameters ready. */
  begin(config: Config, initFrom?: string): Promise<Beginning<Config>>;
}

/**
 * Takes a run's folder for this process, finds where it starts, says what a user should know of that, and goes.
 * @throws InputError as `findStart` and `go` do, and when another process is at work in the folder
 */
export async function startRun<Config extends TrainingConfig, Facts, Result>(
  run: RunFolder,
  source: RunSource<Config>,
  kind: StartKind<Config>,
  events: TrainingEvents<Facts>,
  go: (start: Start<Config>) => Promise<Result>,
): Promise<Result> {
  const lock = await run.lock();
  try {
    const start = await findStart(run, source, kind);
    if (start.recovery) events.onRecovery?.(start.recovery);
    if (start.initialWeights) events.onInitialWeights?.(start.initialWeights);
    return await go(start);
  } finally {
    await lock.release();
  }
}

/**
 * Finds where a run starts. Writes nothing, but puts checkpoints aside that cannot be used.
 * @throws InputError when a new run's folder holds one already, or a run to go on with is missing or not in the right
 * state
 */
async function findStart<Config extends TrainingConfig>(
  run: RunFolder,
  source: RunSource<Config>,
  kind: StartKind<Config>,
): Promise<Start<Config>> {
  if ('config' in source) {
    if ((await run.checkpoints()).length > 0) {
      throw new InputError(
        'file',
        `${run.name}: there is a run in this folder`,
        'Use --resume to continue it, --extend to train it longer, or name another folder.',
      );
    }
    return { ...(await kind.begin(source.config, source.initFrom)), step: null, best: null, recovery: null };
  }
  const found = await newest(run, kind);
  if (!found) return anew(run, kind);
  const { damaged, ...checkpoint } = found;
  const { step } = checkpoint;
  const changed = await changedSettings(run, checkpoint.config, kind);
  const recovery = damaged.length + changed.length > 0 ? { damaged, step, changed } : null;
  const state = () => checkpoint.state;
  if ('resume' in source) return { ...checkpoint, state, recovery };
  return { ...checkpoint, config: extended(run, checkpoint, source.extend), state, recovery };
}

/**
 * Brings the folder to the state of the start: of a run that goes on to that of its checkpoint, of a new one to
 * nothing. An extended run's checkpoint is written again with the longer schedule, so that from here on it is resumed
 * like any other. Then come its records, the configuration last: with it a run that is killed can begin anew.
 * @param data what `data.json` says
 */
export async function prepareFolder<Config extends TrainingConfig>(
  run: RunFolder,
  start: Start<Config>,
  source: RunSource<Config>,
  kind: CheckpointKind<Config>,
  data: object,
): Promise<void> {
  if (start.step === null) await run.clear();
  else await backTo(run, { ...start, step: start.step }, source, kind);
  if (start.initialWeights) await writeTransferRecord(run, start.initialWeights);
  await run.writeRecord('data', data);
  await run.writeConfig(configYaml(start.config));
}

/** Brings the folder of a run that goes on to the state of its checkpoint. */
async function backTo<Config extends TrainingConfig>(
  run: RunFolder,
  { config, step, best, state }: Start<Config> & { readonly step: number },
  source: RunSource<Config>,
  kind: CheckpointKind<Config>,
): Promise<void> {
  await run.store.tidy();
  await run.trimMetrics(step);
  if ('extend' in source) {
    await saveCheckpoint(run, { step, config, best, state: state() }, kind);
    const extension: ExtensionRecord = { kind: 'extension', step, steps: config.schedule.steps };
    await run.appendMetric(extension);
  } else if (best?.step === step) await run.markBest(step);
}

/** The newest checkpoint that can be used; null where there is none at all. */
async function newest<Config>(
  run: RunFolder,
  kind: CheckpointKind<Config>,
): Promise<(Checkpoint<Config> & { readonly damaged: readonly DamagedCheckpoint[] }) | null> {
  const names = (await run.checkpoints()).reverse();
  if (await run.hasBest()) names.push(BEST);
  const damaged: DamagedCheckpoint[] = [];
  for (const name of names) {
    const path = run.checkpointPath(name);
    const bytes = await run.readCheckpoint(name);
    if (!bytes) continue;
    try {
      return { ...(await readCheckpoint(bytes, path, kind)), damaged };
    } catch (error) {
      // One of another kind of training is not damaged: the user has named the wrong folder.
      if (!(error instanceof InputError) || error instanceof OtherKindError) throw error;
      damaged.push({ path: await run.setAside(name), reason: error.message });
    }
  }
  if (damaged.length === 0) return null;
  const [first] = damaged;
  throw new InputError(
    'checkpoint',
    `${run.name}: expected a checkpoint that can be used, found ${damaged.length} that are damaged\n  ${first!.reason}`,
    `They are kept as ${first!.path}. Begin the run anew, or restore a copy of one.`,
  );
}

/** A run that was killed before its first checkpoint. */
async function anew<Config>(run: RunFolder, kind: StartKind<Config>): Promise<Start<Config>> {
  const yaml = await run.config();
  if (yaml === null) {
    const found = (await run.store.list()).join(', ') || 'nothing';
    throw new InputError(
      'checkpoint',
      `${run.name}: expected a run with checkpoints or a config.yaml, found ${found}`,
      'Name the folder of a run, or begin one without --resume.',
    );
  }
  const transfer = await run.record<{ file?: string }>('transfer');
  const beginning = await kind.begin(kind.parse(yaml, run.name), transfer?.file);
  return { ...beginning, step: null, best: null, recovery: { damaged: [], step: null, changed: [] } };
}

function extended<Config extends TrainingConfig>(run: RunFolder, { step, config }: Checkpoint<Config>, steps: number) {
  const present = config.schedule.steps;
  if (step < present) {
    throw new InputError(
      'checkpoint',
      `${run.name}: expected a finished run, found one at step ${step} of ${present}`,
      'Use --resume to finish it first.',
    );
  }
  if (!Number.isSafeInteger(steps) || steps <= present) {
    throw new InputError(
      'config',
      `--extend ${steps}: expected a whole number of steps above the present ${present}`,
      `Name the new total, for example --extend ${2 * present}.`,
    );
  }
  return { ...config, schedule: { ...config.schedule, steps } };
}

/** What a user has changed in `config.yaml`, where it can be read. */
async function changedSettings<Config extends TrainingConfig>(
  run: RunFolder,
  config: Config,
  kind: StartKind<Config>,
): Promise<string[]> {
  const yaml = await run.config();
  if (yaml === null) return [];
  try {
    const [file, own] = [kind.parse(yaml, run.name), config].map((settings) => new Map(dotted(settings)));
    const keys = [...new Set([...own!.keys(), ...file!.keys()])];
    const text = (value: unknown) => JSON.stringify(value) ?? 'absent';
    return keys
      .filter((key) => text(file!.get(key)) !== text(own!.get(key)))
      .map((key) => `${key}: ${text(file!.get(key))} in config.yaml, ${text(own!.get(key))} in the run`);
  } catch {
    return ['config.yaml cannot be read; the settings of the checkpoint are used'];
  }
}
