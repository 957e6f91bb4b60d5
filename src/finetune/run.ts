/**
 * A fine-tuning run: a folder with its configuration, data, metrics, checkpoints, pictures and report, as in pretraining. This
 * file makes a run ready (its start, the cases, the network) and hands it to the loop.
 */
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { createLoader } from '../data/index.js';
import {
  createImageStore,
  type ImageStore,
  type LabelledCase,
  readSamples,
  recipeOf,
  type Samples,
} from '../data/labelled/index.js';
import type { SampleContext } from '../data/labelled/sample.js';
import { startEngine } from '../engine/node/index.js';
import { parameterCount } from '../nn/index.js';
import { configYaml } from '../pretrain/config-index.js';
import { writeTransferRecord } from '../pretrain/init-from.js';
import { writeFileAtomic } from '../system/files.js';
import { freeMemory } from '../system/free-memory.js';
import { groupsOf } from '../use/finetuned-model.js';
import { inverseWeights } from './class-weights.js';
import { validateClassification } from './classification/validate.js';
import type { FinetuneConfig } from './config.js';
import { writeDataRecord } from './data-record.js';
import type { FinetuneEvents } from './events.js';
import { type FinetuneResult, finetuningLoop } from './loop.js';
import { drawCasePictures } from './segmentation/case-pictures.js';
import { type SegmentationLook, validateSegmentation } from './segmentation/validate.js';
import { type FinetuneSource, findStart, prepareFolder, type Start } from './start.js';
import { taskNetwork } from './task.js';
import { createTrainer } from './trainer.js';
import type { Look } from './validation.js';

export type { FinetuneResult } from './loop.js';

/**
 * Starts a fine-tuning run in a new folder, or continues one bit for bit.
 * @throws InputError when the folder holds a run already, the data cannot be used, the folder cannot be written, or the
 * training diverges
 * @example
 * const settings = ['data.source=lungs', 'model.from=runs/xrays', 'data.cases=5'];
 * await finetune('runs/lungs', { config: loadFinetuneConfig({ settings }) });
 */
export async function finetune(
  folder: string,
  source: FinetuneSource,
  events: FinetuneEvents = {},
): Promise<FinetuneResult> {
  const start = await findStart(folder, source);
  const { memory } = start.config.data;
  const images = createImageStore(join(folder, 'cache'), memory === null ? freeMemory() / 2 : memory * 1e9);
  try {
    return await finetuneFrom(folder, start, images, events);
  } finally {
    images.clear();
  }
}

async function finetuneFrom(
  folder: string,
  start: Start,
  images: ImageStore,
  events: FinetuneEvents,
): Promise<FinetuneResult> {
  const { config, parts, labelled, step: from, best, initialWeights } = start;
  if (initialWeights) events.onInitialWeights?.(initialWeights);
  const read = caseReader(config, images, labelled.length + parts.validation.length, events);
  const train = await read(labelled);
  const validation = parts.validation.length > 0 ? await read(parts.validation) : null;

  const engine = await startEngine({ device: config.device, threads: config.threads });
  const context: SampleContext = {
    samples: train,
    views: config.views,
    seed: config.seed,
    kept: config.data.fit === 'keep',
    ignore: config.data.ignore,
  };
  const loader = createLoader({
    module: new URL('../data/labelled/sample.js', import.meta.url),
    context,
    workers: config.data.workers,
    describe: ({ sample }) => labelled[sample]?.image ?? `sample ${sample}`,
  });
  try {
    const groups = groupsOf(config);
    const { size, micro } = config.batch;
    const trainer = await createTrainer(engine, {
      groups,
      task: taskNetwork(config, classWeights(config, train)),
      optimizer: config.optimizer,
      batch: size,
      micro: micro || size,
      inputs: config.data.channels,
      crop: config.views.crop,
    });
    await trainer.setState(start.state);
    writeDataRecord(folder, start, { train, validation });
    prepareFolder(folder, start);
    writeFileAtomic(join(folder, 'config.yaml'), configYaml(config));
    if (initialWeights) writeTransferRecord(folder, initialWeights);
    events.onStart?.({
      config,
      device: engine.device,
      parameters: parameterCount([...groups.backbone, ...groups.head]),
      labelled: labelled.length,
      training: parts.train.length,
      validation: parts.validation.length,
      test: parts.test.length,
      onDisk: images.onDisk,
    });
    const names = parts.validation.map(({ id }) => id);
    const draw = async (look: Look) => {
      if (config.task !== 'segmentation' || !validation) return;
      await drawCasePictures(folder, look as SegmentationLook, validation, names, config.data.ignore);
    };
    const validate = validation && (() => lookAt(config, validation, names.length, trainer.probabilities));
    const cases = labelled.map(({ id }) => id);
    return await finetuningLoop(
      { folder, config, device: engine.device, trainer, loader, cases, validate, draw, from, best },
      events,
    );
  } finally {
    await loader.close();
    await engine.close();
  }
}

function lookAt(
  config: FinetuneConfig,
  samples: Samples,
  count: number,
  predict: Parameters<typeof validateSegmentation>[2],
) {
  return config.task === 'segmentation'
    ? validateSegmentation(samples, count, predict, config)
    : validateClassification(samples, count, predict, config.data.classes);
}

function classWeights({ data, loss }: FinetuneConfig, { cases }: Samples): number[] {
  const count = data.classes.length;
  if (loss.classWeights === 'none') return new Array<number>(count).fill(1);
  return inverseWeights(
    cases.map(({ labels }) => labels),
    count,
    data.multiLabel,
  );
}

/** Reads parts one after the other and reports the sum. */
function caseReader(config: FinetuneConfig, images: ImageStore, total: number, events: FinetuneEvents) {
  let done = 0;
  const { classes, ignore } = config.data;
  const options = { ...recipeOf(config), classes, ignore, images };
  return (cases: readonly LabelledCase[]) => {
    if (cases.length === 0) throw new InputError('data', 'expected at least one case, found none');
    return readSamples(cases, { ...options, onCase: () => events.onRead?.(++done, total) });
  };
}
