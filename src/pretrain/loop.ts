/** The training loop. It reads like the method: views, step, now and then a look at the validation pairs, a checkpoint. */
import { join } from 'node:path';
import { InputError, isDivergence } from '../core/errors.js';
import type { Batch, Loader } from '../data/index.js';
import type { Device } from '../engine/index.js';
import { batches } from '../train/batches.js';
import { appendMetric } from '../train/metrics.js';
import { learningRate } from '../train/schedule.js';
import { type Best, latestCheckpoint, saveCheckpoint } from './checkpoint.js';
import type { Config } from './config-index.js';
import { namedArrays } from './data.js';
import type { RunEvents, TrainRecord, ValidationRecord } from './events.js';
import type { BatchArrays, Method, Metric } from './method.js';
import { drawSamples, writeRunReport } from './run-report.js';
import type { StepResult, Trainer } from './trainer.js';
import { validate } from './validation.js';

/** A run that is ready to go. */
export interface Run {
  readonly folder: string;
  readonly config: Config;
  readonly method: Method;
  readonly device: Device;
  readonly trainer: Trainer;
  /** What the trainer begins with. */
  readonly state: ReadonlyMap<string, Float32Array>;
  readonly loader: Loader;
  /** The training images. */
  readonly images: readonly string[];
  /** A sample of each validation image. */
  readonly samples: readonly BatchArrays[];
  /** Edges of a voxel of each sample along [z, y, x], in mm; null for images. */
  readonly spacings: readonly (readonly number[] | null)[];
  /** The step of the checkpoint that the run goes on from; null for a new run. */
  readonly from: number | null;
  readonly best: Best | null;
}

export interface RunResult {
  readonly step: number;
  readonly finished: boolean;
  readonly checkpoint: string;
  readonly best: Best | null;
  /** What the best step is the best by. */
  readonly criterion: Metric;
}

/** @throws InputError ('diverged') naming the step and the images, ('file') when the folder cannot be written */
export async function trainingLoop(run: Run, events: RunEvents): Promise<RunResult> {
  const { folder, config, method, trainer, loader, from } = run;
  const { criterion } = method.metrics;
  const { steps } = config.schedule;
  let best = run.best;

  const look = async (step: number) => {
    if (run.samples.length > 0) {
      const found = await validate(trainer, method, run.samples, config);
      const entry: ValidationRecord = { kind: 'validation', step, ...found };
      const value = found[criterion.key]!;
      if (!Number.isFinite(value)) throw diverged(folder, `step ${step}: the validation error is ${value}`);
      if (!best || value < best[criterion.key]!) best = { step, [criterion.key]: value };
      appendMetric(folder, entry);
      events.onValidation?.(entry);
      await drawSamples(run, step);
    }
    writeRunReport(folder, config, method);
  };
  const save = (step: number, state: Run['state']) => {
    const checkpoint = { step, config, best, state };
    try {
      return saveCheckpoint(join(folder, 'checkpoints'), checkpoint, method.specs, config.run.keepCheckpoints);
    } catch (error) {
      throw isDivergence(error) ? diverged(folder, error.message) : error;
    }
  };

  loader.schedule(batches(config, run.images.length, from ?? 0));
  if (from === null) {
    await look(0);
    save(0, run.state);
  }
  for (let step = (from ?? 0) + 1; step <= steps; step++) {
    const started = performance.now();
    const batch = (await loader.next())!;
    const rate = learningRate(config.optimizer.rate, step, config.schedule);
    const result = await stepOn(run, batch, rate, step);
    const seconds = (performance.now() - started) / 1000;
    const dataWaitShare = Math.min(1, batch.waitedMs / 1000 / seconds);
    const entry: TrainRecord = {
      kind: 'train',
      step,
      ...result,
      learningRate: rate,
      seconds,
      dataWaitShare,
      device: run.device,
    };
    if (step % config.run.logEvery === 0) appendMetric(folder, entry);
    events.onStep?.(entry, steps);

    const ends = step === steps || (events.shouldStop?.() ?? false);
    if (step % config.run.validateEvery === 0 || step === steps) await look(step);
    if (step % config.run.checkpointEvery === 0 || best?.step === step || ends) {
      const checkpoint = save(step, await trainer.state());
      if (ends) return { step, finished: step === steps, checkpoint, best, criterion };
    }
  }
  return { step: steps, finished: true, checkpoint: latestCheckpoint(folder), best, criterion };
}

async function stepOn(run: Run, batch: Batch, rate: number, step: number): Promise<StepResult> {
  try {
    return await run.trainer.step(namedArrays(batch.arrays, run.method, run.config), rate, step);
  } catch (error) {
    if (!isDivergence(error)) throw error;
    const names = batch.keys.map((key) => run.images[key.sample]).join(', ');
    throw diverged(run.folder, `${error.message} (images ${names})`);
  }
}

function diverged(folder: string, message: string): InputError {
  return new InputError(
    'diverged',
    message,
    `The last good checkpoint is kept: ${latestOf(folder)}.\n` +
      '  Begin another run with a lower optimizer.rate, from these weights with --init-from.',
  );
}

function latestOf(folder: string): string {
  try {
    return latestCheckpoint(folder);
  } catch {
    return 'none was written yet';
  }
}
