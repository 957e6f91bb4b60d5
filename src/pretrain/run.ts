/**
 * A pretraining run: a folder with its configuration, metrics, checkpoints, pictures and report. The loop reads like the method: views, step,
 * now and then a look at the validation pairs, a checkpoint.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Config, configYaml } from '../config/index.js';
import { InputError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { permutation, randomStream } from '../core/random.js';
import { createLoader, discover, type ImageCache, type Loader, openCache, type SampleKey } from '../data/index.js';
import { type Device, startEngine } from '../engine/index.js';
import { DIVISOR, divisibilityError, initialParameters, type ParameterSpec } from '../nn/index.js';
import { type Checkpoint, latestCheckpoint, loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import type { SampleContext } from './cover/sample.js';
import { type CoverOptions, coverSpecs } from './cover/step.js';
import { viewImageShape } from './cover/views/index.js';
import { drawSamples, writeRunReport } from './run-report.js';
import { learningRate } from './schedule.js';
import { type BatchArrays, createTrainer, type StepResult, type Trainer } from './trainer.js';
import { type ValidationResult, validate } from './validation.js';

export interface RunEvents {
  readonly onStart?: (facts: {
    device: Device;
    /** For the device `auto`: why each device before it was passed over. */
    passedOver: readonly string[];
    images: number;
    validation: number;
    skipped: number;
    parameters: number;
  }) => void;
  readonly onCache?: (done: number, total: number) => void;
  readonly onStep?: (record: TrainRecord, steps: number) => void;
  readonly onValidation?: (record: ValidationRecord) => void;
  /** Asked after every step; `true` ends the run with a checkpoint. */
  readonly shouldStop?: () => boolean;
}

export interface TrainRecord extends StepResult {
  readonly kind: 'train';
  readonly step: number;
  readonly learningRate: number;
  readonly seconds: number;
  /** Share of the step's time that was spent waiting for data, 0 … 1. */
  readonly dataWaitShare: number;
  readonly device: Device;
}

export interface ValidationRecord extends ValidationResult {
  readonly kind: 'validation';
  readonly step: number;
}

export interface RunResult {
  readonly step: number;
  readonly finished: boolean;
  readonly checkpoint: string;
}

/** The network's options within a configuration. */
export function coverOptions(config: Config): CoverOptions {
  return { dims: 2, inputs: config.data.channels, ...config.model };
}

export function specsOf(config: Config): ParameterSpec[] {
  return coverSpecs(coverOptions(config));
}

/**
 * Starts a run in a new folder, or continues one with `resume`.
 * @throws InputError when the folder holds a run already, the data cannot be used, or the training diverges
 */
export async function pretrain(
  folder: string,
  source: { readonly config: Config } | { readonly resume: true },
  events: RunEvents = {},
): Promise<RunResult> {
  const resumed = 'resume' in source ? loadCheckpoint(latestCheckpoint(folder), specsOf) : null;
  const config = resumed ? resumed.config : (source as { config: Config }).config;
  const crop = config.views.crop;
  if (crop.some((extent) => extent % DIVISOR !== 0)) throw divisibilityError('views.crop', crop);
  if (!resumed && existsSync(join(folder, 'metrics.jsonl'))) {
    throw new InputError('file', `${folder}: there is a run in this folder`, 'Use --resume, or name another folder.');
  }
  const files = discover(config.data.source, { seed: config.seed, validationShare: config.data.validationShare });
  const cacheOptions = {
    channels: config.data.channels,
    shape: viewImageShape(config.views),
    ...(config.data.cache ? { folder: config.data.cache } : {}),
    ...(events.onCache ? { onProgress: events.onCache } : {}),
  };
  const train = await openCache({ ...cacheOptions, files: files.train });
  const held = files.validation.slice(0, config.data.validationImages);
  const validation = held.length ? await openCache({ ...cacheOptions, files: held }) : null;
  const engine = await startEngine({ device: config.device, threads: config.threads });
  const loader = sampleLoader(config, train, 'train');
  try {
    const specs = specsOf(config);
    const trainer = await createTrainer(engine, {
      cover: coverOptions(config),
      optimizer: config.optimizer,
      batch: config.batch.size,
      micro: config.batch.micro || config.batch.size,
      crop,
    });
    const initial = resumed?.state ?? new Map([['theta', initialParameters(specs, config.seed)]]);
    await trainer.setState(initial);
    writeFileAtomic(join(folder, 'config.yaml'), configYaml(config));
    if (resumed) trimMetrics(folder, resumed.step);
    events.onStart?.({
      device: engine.device,
      passedOver: engine.passedOver,
      images: train.files.length,
      validation: validation?.files.length ?? 0,
      skipped: train.skipped.length,
      parameters: initial.get('theta')!.length,
    });
    return await loop(
      folder,
      config,
      resumed?.step ?? null,
      { trainer, loader, train, validation, specs, device: engine.device },
      events,
    );
  } finally {
    await loader.close();
    await engine.close();
    train.close();
    validation?.close();
  }
}

interface Parts {
  readonly trainer: Trainer;
  readonly loader: Loader;
  readonly train: ImageCache;
  readonly validation: ImageCache | null;
  readonly specs: readonly ParameterSpec[];
  readonly device: Device;
}

async function loop(
  folder: string,
  config: Config,
  resumedAt: number | null,
  parts: Parts,
  events: RunEvents,
): Promise<RunResult> {
  const { trainer, loader, train, validation, specs, device } = parts;
  const { steps } = config.schedule;
  const pairs = validation ? await validationPairs(config, validation) : [];
  const record = (entry: object) => appendFileSync(join(folder, 'metrics.jsonl'), `${JSON.stringify(entry)}\n`);
  const look = async (step: number) => {
    if (pairs.length === 0) return;
    const entry: ValidationRecord = { kind: 'validation', step, ...(await validate(trainer, pairs, config)) };
    record(entry);
    events.onValidation?.(entry);
    await drawSamples(folder, step, trainer, pairs, config);
    writeRunReport(folder, config);
  };
  const save = async (step: number) => {
    const checkpoint: Checkpoint = { step, config, state: await trainer.state() };
    return saveCheckpoint(join(folder, 'checkpoints'), checkpoint, specs, config.run.keepCheckpoints);
  };
  const from = resumedAt ?? 0;
  if (resumedAt === null) {
    await look(0);
    await save(0);
  }
  loader.schedule(batches(config, train.files.length, from));
  let started = performance.now();
  for (let step = from + 1; step <= steps; step++) {
    const batch = (await loader.next())!;
    const [moving, fixed, field, mask] = batch.arrays as [Float32Array, Float32Array, Float32Array, Float32Array];
    const arrays: BatchArrays = { moving, fixed, field, mask };
    const rate = learningRate(config.optimizer.rate, step, config.schedule);
    const result = await trainer.step(arrays, rate, step).catch((error) => {
      const names = batch.keys.map((key) => train.files[key.sample]).join(', ');
      if (error instanceof InputError && error.code === 'diverged') {
        throw new InputError(
          'diverged',
          `${error.message} (images ${names})`,
          'The last checkpoint is kept. Try a lower optimizer.rate.',
        );
      }
      throw error;
    });
    const now = performance.now();
    const seconds = (now - started) / 1000;
    started = now;
    const entry: TrainRecord = {
      kind: 'train',
      step,
      ...result,
      learningRate: rate,
      seconds,
      dataWaitShare: Math.min(1, batch.waitedMs / 1000 / seconds),
      device,
    };
    if (step % config.run.logEvery === 0) record(entry);
    events.onStep?.(entry, steps);
    const stop = step < steps && (events.shouldStop?.() ?? false);
    if (step % config.run.validateEvery === 0 || step === steps) await look(step);
    if (step % config.run.checkpointEvery === 0 || step === steps || stop) {
      const checkpoint = await save(step);
      if (step === steps || stop) return { step, finished: step === steps, checkpoint };
    }
    started = performance.now();
  }
  return { step: from, finished: true, checkpoint: latestCheckpoint(folder) };
}

/** The keys of every batch after step `from`: each epoch is a shuffle of its own; a batch may cross epochs. */
export function* batches(config: Config, images: number, from: number): Generator<SampleKey[]> {
  const { size } = config.batch;
  let epoch = -1;
  let order: number[] = [];
  for (let step = from; step < config.schedule.steps; step++) {
    yield Array.from({ length: size }, (_, k) => {
      const position = step * size + k;
      if (Math.floor(position / images) !== epoch) {
        epoch = Math.floor(position / images);
        order = permutation(images, randomStream(config.seed, epoch, 'order'));
      }
      return { epoch, sample: order[position % images]! };
    });
  }
}

function sampleLoader(config: Config, cache: ImageCache, purpose: SampleContext['purpose']): Loader {
  return createLoader<SampleContext>({
    module: new URL('./cover/sample.js', import.meta.url),
    context: { cache: cache.path, views: config.views, seed: config.seed, purpose },
    workers: purpose === 'train' ? config.data.workers : 0,
    describe: (key) => cache.files[key.sample] ?? `sample ${key.sample}`,
  });
}

/** One fixed draw for each validation image. */
async function validationPairs(config: Config, cache: ImageCache): Promise<(readonly Float32Array[])[]> {
  const loader = sampleLoader(config, cache, 'validation');
  const pairs: (readonly Float32Array[])[] = [];
  for (let sample = 0; sample < cache.files.length; sample++) pairs.push(await loader.batch([{ epoch: 0, sample }]));
  await loader.close();
  return pairs;
}

/** Drops what a killed run wrote after its last checkpoint. */
function trimMetrics(folder: string, step: number): void {
  const path = join(folder, 'metrics.jsonl');
  if (!existsSync(path)) return;
  const kept = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => {
      try {
        return (JSON.parse(line) as { step: number }).step <= step;
      } catch {
        return false;
      }
    });
  writeFileAtomic(path, kept.map((line) => `${line}\n`).join(''));
}
