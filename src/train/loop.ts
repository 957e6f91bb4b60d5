/** The training loop: a batch, a step, now and then a look at what is held out, a checkpoint. */
import { InputError, isDivergence } from '../core/errors.js';
import type { Peers, Spent } from '../core/peers.js';
import type { Batch, BatchSource } from '../data/batch.js';
import type { Device } from '../engine/index.js';
import type { Best, CheckpointKind } from './checkpoint.js';
import { chooseCheckpoint } from './checkpoint-choice.js';
import type { TrainingConfig } from './config/sections.js';
import { type Criterion, improves } from './criterion.js';
import type { TrainingEvents, TrainRecord, ValidationRecord } from './events.js';
import { createForecaster } from './forecast.js';
import type { Learning, State } from './groups.js';
import { namedArrays, type Objective } from './objective.js';
import type { RunFolder } from './run-folder.js';
import { saveCheckpoint } from './save-checkpoint.js';
import { anyOf, meet, sameState, stateDigest } from './together.js';
import type { Trainer } from './trainer.js';

/** What a look at held-out samples found. */
export interface Look {
  /** The criterion, and further numbers for the log, by name. */
  readonly values: Readonly<Record<string, number>>;
  /** Draws the pictures of the look. @param best whether it is the best so far */
  draw(step: number, best: boolean): Promise<void>;
}

/** A training that is ready to go. */
export interface Training<Config extends TrainingConfig> {
  readonly run: RunFolder;
  readonly kind: CheckpointKind<Config>;
  readonly config: Config;
  readonly device: Device;
  readonly objective: Objective;
  readonly trainer: Trainer;
  /** What the trainer begins with. */
  readonly state: State;
  /** Begins after step `from`; what falls to this process. */
  readonly source: Pick<BatchSource, 'next'>;
  /** What each sample is made from, and what that is called, for messages. */
  readonly samples: readonly string[];
  readonly noun: 'images' | 'cases';
  readonly criterion: Criterion;
  /** How each group learns in a step. */
  learning(step: number): Learning;
  /** The rates for the log. */
  rates(learning: Learning): Readonly<Record<string, number>> & { readonly learningRate: number };
  /** Looks at what is held out; null where nothing is. */
  readonly look: (() => Promise<Look>) | null;
  /** Writes the report of what there is. */
  report(): Promise<void>;
  /** Looks without an improvement after which the run ends; none where null. */
  readonly patience: number | null;
  /** The step of the checkpoint that the run goes on from; null for a new run. */
  readonly from: number | null;
  readonly best: Best | null;
  /** The processes that share the batch, of which rank 0 looks, writes and decides; null where this one is alone. */
  readonly peers: Peers | null;
  /** SHA-256 of parts one after the other. */
  digest(parts: Iterable<Uint8Array>): Promise<string>;
}

export interface TrainingResult {
  readonly step: number;
  /** Whether the schedule or the patience ended the run. */
  readonly finished: boolean;
  /** The path of the last checkpoint. */
  readonly checkpoint: string;
  readonly best: Best | null;
  /** What the best step is the best by. */
  readonly criterion: Criterion;
}

/** @throws InputError ('diverged') naming the step and the samples, ('file') when the folder cannot be written */
export async function train<Config extends TrainingConfig, Facts>(
  training: Training<Config>,
  events: TrainingEvents<Facts>,
): Promise<TrainingResult> {
  const { run, kind, config, trainer, source, criterion, from, peers } = training;
  const leads = peers === null || peers.rank === 0;
  const { steps } = config.schedule;
  let best = training.best;
  const forecaster = createForecaster(config, from);
  const timed = async (work: 'look' | 'save', call: () => Promise<unknown>) => {
    const started = performance.now();
    await call();
    forecaster.took(work, (performance.now() - started) / 1000);
  };

  const look = async (step: number) => {
    if (!leads) return;
    if (training.look) {
      const { values, draw } = await training.look();
      const value = values[criterion.key]!;
      if (!Number.isFinite(value)) {
        throw await diverged(run, `step ${step}: ${criterion.name} of the validation is ${value}`);
      }
      const improved = improves(criterion, value, best);
      if (improved) best = { step, [criterion.key]: value };
      const record: ValidationRecord = { kind: 'validation', step, ...values };
      await run.appendMetric(record);
      events.onValidation?.(record, improved);
      await draw(step, improved);
    }
    await training.report();
  };
  const save = async (step: number, state: State) => {
    if (!leads) return;
    try {
      return await saveCheckpoint(run, { step, config, best, state }, kind);
    } catch (error) {
      throw isDivergence(error) ? await diverged(run, error.message) : error;
    }
  };
  const ended = async (step: number): Promise<TrainingResult> => {
    const checkpoint = run.checkpointPath(chooseCheckpoint(await run.checkpoints(), run.name, 'last'));
    return { step, finished: step === steps || outOfPatience(training, best, step), checkpoint, best, criterion };
  };

  const outOfPatienceAt = (step: number) => leads && outOfPatience(training, best, step);

  /** The first checkpoint is written while the first step is computed. */
  let saving: Promise<void> | undefined;
  if (from === null) {
    await timed('look', () => look(0));
    saving = timed('save', () => save(0, training.state));
    saving.catch(() => {}); // It is thrown where it is awaited.
  }
  if (await anyOf(peers, from !== null && outOfPatienceAt(from))) return ended(from!);
  for (let step = (from ?? 0) + 1; step <= steps; step++) {
    const started = performance.now();
    const before = await peers?.spent();
    const batch = (await source.next())!;
    const learning = training.learning(step);
    const computing = training.trainer.step(namedArrays(batch.arrays, training.objective), learning);
    computing.catch(() => {}); // It is thrown where it is awaited.
    await saving;
    const result = await computing.catch((error) => explained(training, batch, step, error));
    const seconds = (performance.now() - started) / 1000;
    const record: TrainRecord = {
      kind: 'train',
      step,
      ...result,
      ...training.rates(learning),
      seconds,
      dataWaitShare: Math.min(1, batch.waitedMs / 1000 / seconds),
      device: training.device,
      ...(before ? communication(before, await peers!.spent()) : {}),
    };
    if (step % config.run.logEvery === 0) await run.appendMetric(record);
    events.onStep?.(record, steps);

    forecaster.took('step', seconds);
    const stops = events.shouldStop?.() ?? false;
    if (step % config.run.validateEvery === 0 || step === steps) await timed('look', () => look(step));
    const ends = await anyOf(peers, stops || step === steps || outOfPatienceAt(step));
    const due = step % config.run.checkpointEvery === 0 || ends;
    if (due || best?.step === step) {
      const state = await trainer.state();
      if (due && peers) await sameState(peers, step, await stateDigest(state, training));
      await timed('save', () => save(step, state));
      if (ends) {
        await meet(peers);
        return ended(step);
      }
    }
    const forecast = forecaster.after(step);
    if (forecast) events.onForecast?.(forecast);
  }
  return ended(from ?? 0);
}

/** Throws why a step failed, with its samples where it diverged. */
async function explained<Config extends TrainingConfig>(
  { run, samples, noun }: Training<Config>,
  batch: Batch,
  step: number,
  error: unknown,
): Promise<never> {
  if (!isDivergence(error)) throw error;
  const names = batch.keys.map(({ sample }) => samples[sample]).join(', ');
  throw await diverged(run, `step ${step}: ${error.message} (${noun} ${names})`);
}

/** What a step has spent on the other processes: seconds, waiting for them included, and bytes that this one sent. */
function communication(before: Spent, after: Spent): Readonly<Record<string, number>> {
  return {
    communicationSeconds: after.seconds - before.seconds,
    communicationBytes: after.bytes - before.bytes,
  };
}

/** Whether so many looks have passed without an improvement. */
function outOfPatience<Config extends TrainingConfig>(
  { config, patience }: Training<Config>,
  best: Best | null,
  step: number,
): boolean {
  const { validateEvery } = config.run;
  if (patience === null || best === null || step % validateEvery !== 0) return false;
  return step - best.step >= patience * validateEvery;
}

async function diverged(run: RunFolder, message: string): Promise<InputError> {
  const last = (await run.checkpoints()).at(-1);
  const kept = last ? `The last good checkpoint is kept: ${run.checkpointPath(last)}.\n  ` : '';
  return new InputError(
    'diverged',
    message,
    `${kept}Begin another run with a lower optimizer.rate${last ? ', from these weights with --init-from' : ''}.`,
  );
}
