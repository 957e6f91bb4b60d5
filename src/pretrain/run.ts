/**
 * A pretraining run: configuration, data, metrics, checkpoints, pictures and report. This file makes a run ready (where
 * it starts, its images, the memory it needs, the network) and hands it to the loop.
 */
import type { DataKind, Fit } from '../data/options.js';
import type { PassedOver } from '../data/passed-over.js';
import type { FileReport } from '../data/report.js';
import type { FileWarnings } from '../data/warnings.js';
import type { Device } from '../engine/index.js';
import { DIVISOR, divisibilityError, parameterCount } from '../nn/index.js';
import { ownBatches } from '../train/batches.js';
import { microOf } from '../train/config/sections.js';
import type { TrainingEvents } from '../train/events.js';
import { type Look, type TrainingResult, train } from '../train/loop.js';
import { checkMemory, largestMap, leastMemory, type MemoryDemand, memoryNeed } from '../train/memory.js';
import { type BatchArrays, namedArrays } from '../train/objective.js';
import { checkHalf, checkPrecision } from '../train/precision.js';
import type { RunFolder } from '../train/run-folder.js';
import { learningRate } from '../train/schedule.js';
import { prepareFolder, type RunSource, type Start, startRun } from '../train/start.js';
import { agreeOn, inTurn, startFacts } from '../train/together.js';
import { createTrainer, trainingGraph } from '../train/trainer.js';
import type { Config, MethodName } from './config.js';
import { checkSameData, dataRecord } from './data-record.js';
import type { ImageSet, PretrainHost, RunImages } from './host.js';
import { pretrainKind } from './kind.js';
import type { MethodMetrics } from './method.js';
import { GROUP, methodOf, objectiveOf } from './methods.js';
import { drawSamples, writeRunReport } from './report.js';
import { validate } from './validation.js';

/** What is known before the first step. */
export interface RunFacts {
  readonly method: MethodName;
  /** What the records of the method hold. */
  readonly metrics: MethodMetrics;
  readonly device: Device;
  /** For the device `auto`: why each device before it was passed over. */
  readonly passedOver: readonly string[];
  readonly parameters: number;
  readonly kind: DataKind;
  /** Images or volumes in use. */
  readonly images: number;
  readonly validation: number;
  /** Files that are not fit for training, with reasons. */
  readonly leftOut: readonly FileReport[];
  /** What the readers of files in use had to assume, and what looks wrong of them. */
  readonly warned: readonly FileWarnings[];
  /** What lies beside the images and is none: labels, results, hidden files. */
  readonly notImages: readonly PassedOver[];
  /** Files in use that are smaller along an axis than what views are cut from: they are enlarged or padded. */
  readonly smaller: number;
  readonly fit: Fit;
  /** What views are cut from: `views.margin` times the crop. */
  readonly imageShape: readonly number[];
  /** The last step of the run. */
  readonly steps: number;
  /** The step at which views have their whole strength; 0 without a curriculum. */
  readonly curriculumSteps: number;
}

export type RunEvents = TrainingEvents<RunFacts>;

export interface PretrainOptions {
  /** Start even where the memory that is needed exceeds what is free. */
  readonly ignoreMemory?: boolean;
}

/**
 * Starts a run in a new folder, continues one, or extends a finished one. No other process may use the folder
 * meanwhile.
 * @throws InputError when the folder holds a run already or is in use, the data cannot be used, the memory does not
 * suffice, the folder cannot be written, or the training diverges
 */
export async function pretrainIn(
  run: RunFolder,
  source: RunSource<Config>,
  host: PretrainHost,
  events: RunEvents = {},
  options: PretrainOptions = {},
): Promise<TrainingResult> {
  return startRun(run, source, pretrainKind(host), events, (start) =>
    pretrainFrom(run, start, source, host, events, options),
  );
}

async function pretrainFrom(
  run: RunFolder,
  start: Start<Config>,
  source: RunSource<Config>,
  host: PretrainHost,
  events: RunEvents,
  { ignoreMemory = false }: PretrainOptions,
): Promise<TrainingResult> {
  const { config, step: from, best } = start;
  const kind = pretrainKind(host);
  const method = methodOf(config);
  const { crop } = config.views;
  if (crop.some((extent) => extent % DIVISOR !== 0)) throw divisibilityError('views.crop', crop);
  const objective = objectiveOf(method, crop);
  const { shared = false } = host;
  const { precision } = config;
  checkPrecision(config);
  const options = {
    objective,
    optimizer: config.optimizer,
    batch: config.batch.size,
    micro: microOf(config),
    shared,
    precision,
  };
  const onCpu = config.device === 'cpu';
  const kept = config.data.validationImages;
  const demand: MemoryDemand = { options, crop, target: host.cpuTarget, kept };
  // The graph of settings that nothing could hold is not built.
  const built = onCpu && (ignoreMemory || leastMemory(demand) <= host.freeMemory());
  // The engine starts, and then prepares its programs, in its own thread while graph, weights and images are made ready
  // here.
  const starting = host.startEngine({
    ...{ device: config.device, threads: config.threads },
    largest: largestMap(options, crop),
  });
  starting.catch(() => {}); // It is thrown where it is awaited.
  let images: RunImages | undefined;
  let views: ReturnType<RunImages['samples']> | undefined;
  try {
    const graph = built ? trainingGraph(options, host.cpuTarget) : undefined;
    if (onCpu) {
      const need = (ignoreMemory ? memoryNeed : checkMemory)(demand, host.freeMemory(), graph && (() => graph));
      events.onMemory?.(need);
    }
    const engine = await starting;
    await checkHalf(engine, precision);
    const trainer = await createTrainer(engine, options, graph);
    const { peers } = engine;
    images = await inTurn(peers, () => host.openImages(config, events.onData));
    views = images.samples('train');
    views.schedule(ownBatches(config, images.train.files.length, from ?? 0, peers));
    const state = start.state();
    const setting = trainer.setState(state);
    setting.catch(() => {}); // It is thrown where it is awaited.
    const record = await dataRecord(images, host);
    if (from !== null) await checkSameData(run, record);
    if (peers) await agreeOn(peers, await startFacts({ config, step: from, record, state }, host));
    await trainer.ready();
    await setting;
    await prepareFolder(run, start, source, kind, record);
    events.onStart?.({
      method: config.method,
      metrics: method.metrics,
      device: engine.device,
      passedOver: engine.passedOver,
      parameters: parameterCount(method.specs),
      images: images.train.files.length,
      validation: images.validation?.files.length ?? 0,
      leftOut: images.leftOut,
      warned: images.warned,
      notImages: images.notImages,
      kind: images.kind,
      smaller: smallerCount(images),
      fit: config.data.fit,
      imageShape: images.imageShape,
      steps: config.schedule.steps,
      curriculumSteps: config.views.curriculum?.steps ?? 0,
    });
    const leads = peers === null || peers.rank === 0;
    const samples = leads ? await validationSamples(images, objective) : [];
    const spacings = samples.map((_, index) => viewSpacing(images!.validation!, index, config));
    const drawn = { run, config, method, trainer, samples, spacings };
    const look = async (): Promise<Look> => ({
      values: await validate(trainer, method, samples, config),
      draw: (step) => drawSamples(drawn, step, host),
    });
    const result = await train(
      {
        ...{ run, kind, config, objective, trainer, state, from, best },
        device: engine.device,
        source: views,
        samples: images.train.files,
        noun: 'images',
        criterion: method.metrics.criterion,
        learning: (step) => ({ [GROUP]: { rate: learningRate(config.optimizer.rate, step, config.schedule), step } }),
        rates: (learning) => ({ learningRate: learning[GROUP]!.rate }),
        look: samples.length > 0 ? look : null,
        report: () => writeRunReport(run, config, method),
        patience: null,
        peers,
        digest: host.digest,
      },
      events,
    );
    await peers?.leave();
    return result;
  } finally {
    await views?.close();
    await starting.then(
      (engine) => engine.close(),
      () => {},
    );
    images?.close();
  }
}

/** How many files in use are smaller along an axis than what views are cut from: they are enlarged or padded. */
function smallerCount({ train: images, validation, imageShape }: RunImages): number {
  const smaller = (shape: readonly number[]) => shape.some((extent, axis) => extent < imageShape[axis]!);
  return [images, validation].flatMap((set) => set?.shapes ?? []).filter(smaller).length;
}

/** The edges of a voxel of a validation view along [z, y, x], in mm; `null` for images. */
function viewSpacing(images: ImageSet, index: number, { data }: Config): readonly number[] | null {
  const spacing = images.spacings[index] ?? null;
  if (!spacing || data.fit === 'keep' || data.slices) return spacing;
  return spacing.map((edge, axis) => (edge * images.shapes[index]![axis]!) / images.shape[axis]!);
}

/** One fixed draw for each validation image. */
async function validationSamples(
  images: RunImages,
  objective: Parameters<typeof namedArrays>[1],
): Promise<BatchArrays[]> {
  const { validation } = images;
  if (!validation) return [];
  const source = images.samples('validation');
  const samples: BatchArrays[] = [];
  for (let sample = 0; sample < validation.files.length; sample++) {
    samples.push(namedArrays(await source.batch([{ epoch: 0, sample }]), objective));
  }
  await source.close();
  return samples;
}
