/**
 * A pretraining run: a folder with its configuration, data, metrics, checkpoints, pictures and report. This file makes a run
 * ready (where it starts, its images, the memory it needs, the network) and hands it to the loop.
 */
import { join } from 'node:path';
import type { Loader } from '../data/index.js';
import { startEngine, targetOf } from '../engine/node/index.js';
import { DIVISOR, divisibilityError, parameterCount } from '../nn/index.js';
import { writeFileAtomic } from '../system/files.js';
import { type Config, configYaml } from './config-index.js';
import {
  checkSameData,
  openData,
  type RunData,
  smallerCount,
  validationSamples,
  viewLoader,
  viewSpacing,
  writeDataRecord,
} from './data.js';
import type { RunEvents } from './events.js';
import { writeTransferRecord } from './init-from.js';
import { type RunResult, trainingLoop } from './loop.js';
import { checkMemory, memoryNeed } from './memory.js';
import { methodOf, specsOf } from './methods.js';
import { findStart, prepareFolder, type RunSource } from './start.js';
import { createTrainer, type TrainerOptions, trainingGraph } from './trainer.js';

export type { RunEvents, RunFacts, TrainRecord, ValidationRecord } from './events.js';
export type { RunResult } from './loop.js';
export { specsOf } from './methods.js';
export type { RunSource } from './start.js';

export interface PretrainOptions {
  /** Start even where the memory that is needed exceeds what is free. */
  readonly ignoreMemory?: boolean;
}

/**
 * Starts a run in a new folder, continues one, or extends a finished one.
 * @throws InputError when the folder holds a run already, the data cannot be used, the memory does not suffice, the folder
 * cannot be written, or the training diverges
 * @example
 * await pretrain('runs/xrays', { config: loadConfig({ settings: ['data.source=xrays'] }) });
 * await pretrain('runs/xrays', { extend: 2000 });
 */
export async function pretrain(
  folder: string,
  source: RunSource,
  events: RunEvents = {},
  { ignoreMemory = false }: PretrainOptions = {},
): Promise<RunResult> {
  const start = findStart(folder, source, specsOf);
  const { config, step: from, best, initialWeights } = start;
  const method = methodOf(config);
  const { specs } = method;
  const options = trainerOptions(config);
  if (initialWeights) events.onInitialWeights?.(initialWeights);
  // The engine starts, and then prepares its programs, in its own thread while graph, weights and images are made ready here.
  const starting = startEngine({ device: config.device, threads: config.threads });
  starting.catch(() => {}); // It is thrown where it is awaited.
  const prepare = async () => {
    const graph = config.device === 'cpu' ? trainingGraph(options, targetOf('cpu')) : undefined;
    if (graph) {
      const need = memoryNeed(config, options, graph);
      events.onMemory?.(need);
      if (!ignoreMemory) checkMemory(need, config, options);
    }
    return createTrainer(await starting, options, graph);
  };
  let data: RunData | undefined;
  let loader: Loader | undefined;
  try {
    const trainer = await prepare();
    const { device, passedOver } = await starting;
    const state = start.state();
    const setting = trainer.setState(state);
    setting.catch(() => {});
    data = await openData(config, events.onCache);
    loader = viewLoader(config, method, data.train, 'train');
    if (from !== null) checkSameData(folder, data);
    await trainer.ready();
    await setting;
    prepareFolder(folder, start, source, specs);
    writeFileAtomic(join(folder, 'config.yaml'), configYaml(config));
    writeDataRecord(folder, data);
    if (initialWeights) writeTransferRecord(folder, initialWeights);
    events.onStart?.({
      method: method.name,
      metrics: method.metrics,
      device,
      passedOver,
      parameters: parameterCount(specs),
      images: data.train.files.length,
      validation: data.validation?.files.length ?? 0,
      leftOut: data.leftOut,
      kind: data.kind,
      smaller: smallerCount(data),
      fit: config.data.fit,
      imageShape: data.imageShape,
      steps: config.schedule.steps,
      curriculumSteps: config.views.curriculum?.steps ?? 0,
    });
    const { validation } = data;
    const samples = await validationSamples(config, method, validation);
    const spacings = samples.map((_, index) => viewSpacing(validation!, index, config));
    return await trainingLoop(
      {
        folder,
        config,
        method,
        device,
        trainer,
        state,
        loader,
        images: data.train.files,
        samples,
        spacings,
        from,
        best,
      },
      events,
    );
  } finally {
    await loader?.close();
    await starting.then(
      (engine) => engine.close(),
      () => {},
    );
    data?.close();
  }
}

/** @throws InputError ('shape') for a crop that the network cannot halve four times */
function trainerOptions(config: Config): TrainerOptions {
  const { crop } = config.views;
  if (crop.some((extent) => extent % DIVISOR !== 0)) throw divisibilityError('views.crop', crop);
  const { size, micro } = config.batch;
  return {
    method: methodOf(config),
    optimizer: config.optimizer,
    batch: size,
    micro: micro || size,
    crop,
  };
}
