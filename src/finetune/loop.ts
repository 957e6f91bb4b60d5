/** The loop of fine-tuning: a batch, a step, now and then a look at the validation cases, a checkpoint. */
import { join } from 'node:path';
import { InputError, isDivergence } from '../core/errors.js';
import type { Loader } from '../data/index.js';
import type { Device } from '../engine/index.js';
import { latestCheckpoint } from '../pretrain/checkpoint.js';
import { batches } from '../train/batches.js';
import { appendMetric } from '../train/metrics.js';
import { learningRate } from '../train/schedule.js';
import { type Best, saveCheckpoint } from './checkpoint.js';
import type { FinetuneConfig } from './config.js';
import type { FinetuneEvents, TrainRecord, ValidationRecord } from './events.js';
import { writeReport } from './report.js';
import type { Learning, Trainer } from './trainer.js';
import type { Look } from './validation.js';

/** A run that is ready to go. */
export interface Run {
  readonly folder: string;
  readonly config: FinetuneConfig;
  readonly device: Device;
  readonly trainer: Trainer;
  readonly loader: Loader;
  /** The training cases, for messages. */
  readonly cases: readonly string[];
  /** Looks at the validation cases; null where there are none. */
  readonly validate: (() => Promise<Look>) | null;
  /** Draws the cases of the look that is the best so far. */
  readonly draw: (look: Look) => Promise<void>;
  readonly from: number | null;
  readonly best: Best | null;
}

export interface FinetuneResult {
  readonly step: number;
  /** Whether the schedule or the patience ended the run. */
  readonly finished: boolean;
  readonly checkpoint: string;
  readonly best: Best | null;
}

/** @throws InputError ('diverged') naming the step and the cases, ('file') when the folder cannot be written */
export async function finetuningLoop(run: Run, events: FinetuneEvents): Promise<FinetuneResult> {
  const { folder, config, trainer, loader, from } = run;
  const { steps } = config.schedule;
  let best = run.best;

  const look = async (step: number) => {
    if (run.validate) {
      const found = await run.validate();
      const entry: ValidationRecord = { kind: 'validation', step, score: found.score, ...found.values };
      const improved = !best || found.score > best.score;
      if (improved) best = { step, score: found.score };
      appendMetric(folder, entry);
      events.onValidation?.(entry, improved);
      if (improved) await run.draw(found);
    }
    writeReport(folder, config);
  };
  const save = async (step: number) =>
    saveCheckpoint(join(folder, 'checkpoints'), { step, config, best, state: await trainer.state() });

  if (from === null) {
    await look(0);
    await save(0);
  }
  loader.schedule(batches(config, run.cases.length, from ?? 0));
  for (let step = (from ?? 0) + 1; step <= steps; step++) {
    if (step > 1 && outOfPatience(config, best, step - 1)) return ended(step - 1);
    const started = performance.now();
    const batch = (await loader.next())!;
    const learning = learningAt(config, step);
    const [images, targets] = batch.arrays as [Float32Array, Float32Array];
    const result = await trainer.step(images, targets, learning).catch((error: unknown) => {
      const names = batch.keys.map(({ sample }) => run.cases[sample]).join(', ');
      throw isDivergence(error) ? diverged(`step ${step}: ${error.message} (cases ${names})`) : error;
    });
    const seconds = (performance.now() - started) / 1000;
    const entry: TrainRecord = {
      ...result,
      kind: 'train',
      step,
      loss: result.loss,
      learningRate: learning.head!.rate,
      backboneRate: learning.backbone?.rate ?? 0,
      seconds,
      device: run.device,
    };
    if (step % config.run.logEvery === 0) appendMetric(folder, entry);
    events.onStep?.(entry, steps);

    const stops = events.shouldStop?.() ?? false;
    if (step % config.run.validateEvery === 0 || step === steps) await look(step);
    const ends = stops || step === steps || outOfPatience(config, best, step);
    if (step % config.run.checkpointEvery === 0 || best?.step === step || ends) {
      await save(step);
      if (ends) return ended(step);
    }
  }
  return ended(from ?? 0);

  function ended(step: number): FinetuneResult {
    const finished = step === steps || outOfPatience(config, best, step);
    return { step, finished, checkpoint: latestCheckpoint(folder), best };
  }
}

/** The rates of a step: the schedule's for the head, and so many times that for a backbone that learns. */
export function learningAt({ optimizer, schedule, backbone }: FinetuneConfig, step: number): Learning {
  const rate = learningRate(optimizer.rate, step, schedule);
  const frozen = backbone.mode === 'frozen' ? schedule.steps : backbone.mode === 'warm' ? backbone.frozenSteps : 0;
  const head = { rate, step };
  return step <= frozen ? { head } : { head, backbone: { rate: rate * backbone.rate, step: step - frozen } };
}

/** Whether so many looks have passed without an improvement. */
function outOfPatience({ run }: FinetuneConfig, best: Best | null, step: number): boolean {
  if (run.patience === null || best === null || step % run.validateEvery !== 0) return false;
  return step - best.step >= run.patience * run.validateEvery;
}

function diverged(message: string): InputError {
  return new InputError('diverged', message, 'Begin another run with a lower optimizer.rate or backbone.rate.');
}
