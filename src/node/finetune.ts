/** Fine-tuning in a folder, and the labelled cases of a configuration. */
import { join, resolve } from 'node:path';
import { createLoader, readAnyVolume } from '../data/index.js';
import {
  createImageStore,
  type LabelledCase,
  labelsOfCase,
  readKeptImage,
  readSamples,
  recipeOf,
  SampleSet,
} from '../data/labelled/index.js';
import { usualWindow } from '../data/labelled/usual-window.js';
import { casesIn, type Split } from '../finetune/cases.js';
import { completeConfig } from '../finetune/complete.js';
import type { FinetuneConfig } from '../finetune/config.js';
import type { CaseReader, FinetuneHost } from '../finetune/host.js';
import { type Pretrained, pretrainedOf } from '../finetune/pretrained.js';
import { type FinetuneEvents, type FinetuneOptions, finetuneIn } from '../finetune/run.js';
import { freeMemory } from '../system/free-memory.js';
import type { TrainingResult } from '../train/loop.js';
import { RunFolder } from '../train/run-folder.js';
import type { RunSource } from '../train/start.js';
import type { Cluster } from './cluster.js';
import { FolderStore } from './folder-store.js';
import { nodeHost } from './host.js';
import type { LabelledContext } from './labelled-samples.js';
import { layoutOf } from './layout.js';
import { whole } from './pretrain.js';
import { runOf } from './unfinished.js';

export const finetuneHost: FinetuneHost = {
  ...nodeHost,
  layout: async (config) => layoutOf(config),
  labelsOf: labelsOfCase,
  usualWindow: (cases, spacing, longest) => usualWindow(cases, spacing, longest, readAnyVolume),
  openCases,
  pretrainedOn: ({ model }, cases) => pretrainedOn(model.from, cases),
};

/**
 * Starts a fine-tuning run in a new folder, continues one bit for bit, or extends a finished one; with `cluster`, as
 * one of several processes.
 * @throws InputError when the folder holds a run already or another process uses it, the data cannot be used, the
 * memory does not suffice, the folder cannot be written, or the training diverges
 * @example
 * const settings = ['data.source=lungs', 'model.from=runs/xrays', 'data.cases=5'];
 * await finetune('runs/lungs', { config: loadFinetuneConfig({ settings }) });
 */
export function finetune(
  folder: string,
  source: RunSource<FinetuneConfig>,
  events: FinetuneEvents = {},
  { cluster = null, ...options }: FinetuneOptions & { readonly cluster?: Cluster | null } = {},
): Promise<TrainingResult> {
  const begun = 'config' in source ? { config: anchored(source.config) } : source;
  if (!cluster) return finetuneIn(new RunFolder(new FolderStore(folder)), begun, finetuneHost, events, options);
  const shared = 'config' in begun ? { config: cluster.config(begun.config) } : begun;
  const host = { ...finetuneHost, openCases: (config: FinetuneConfig) => openCases(config, cluster.scratch()) };
  return finetuneIn(cluster.runFolder(), shared, cluster.host(host), events, options);
}

/**
 * The pretrained network at a path.
 * @param path a run folder (its best checkpoint, or the latest), a checkpoint, or a file of `cover export` or `cover
 * import`
 * @throws InputError ('checkpoint') when nothing is there, or the file says nothing of its network
 */
export async function readPretrained(path: string): Promise<Pretrained> {
  return pretrainedOf(await nodeHost.readWeights(path));
}

/**
 * The names of the cases whose images a pretraining was given, by the list that its run wrote down; a list that cannot
 * be read ends no training.
 * @param from a run, a checkpoint in one, or `scratch`
 */
export async function pretrainedOn(from: string, cases: readonly LabelledCase[]): Promise<readonly string[]> {
  const run = from === 'scratch' ? null : runOf(from);
  if (run === null) return [];
  const record = await new RunFolder(new FolderStore(run))
    .record<{ readonly training?: unknown }>('data')
    .catch(() => null);
  const seen = new Set(Array.isArray(record?.training) ? record.training : []);
  return cases.flatMap(({ id, image }) => (seen.has(resolve(image)) ? [id] : []));
}

/** A new run's configuration with everything filled in that depends on the data and the pretrained network. */
export async function completed(config: FinetuneConfig): Promise<FinetuneConfig> {
  const { from } = config.model;
  return completeConfig(config, layoutOf(config), from === 'scratch' ? null : await readPretrained(from), finetuneHost);
}

/**
 * The cases of a part of the data of a configuration, whatever the label budget.
 * @throws InputError ('data') for a part without cases; names those that have some
 */
export function casesOfSplit(config: FinetuneConfig, split: Split): readonly LabelledCase[] {
  return casesIn(config, layoutOf(config), split);
}

function anchored(config: FinetuneConfig): FinetuneConfig {
  const { data, model } = config;
  const from = model.from === 'scratch' ? model.from : resolve(model.from);
  return { ...config, data: { ...data, source: whole(data.source) }, model: { ...model, from } };
}

function openCases(config: FinetuneConfig, run: string | null): CaseReader {
  const { classes, ignore, memory, workers, fit, slices } = config.data;
  const images = createImageStore(
    run === null ? null : join(run, 'cache'),
    memory === null ? freeMemory() / 2 : memory * 1e9,
  );
  return {
    async read(cases, onCase, onWarnings) {
      const samples = await readSamples(cases, {
        ...recipeOf(config),
        ...{ classes, ignore, images, onCase, onWarnings },
      });
      return new SampleSet(samples, readKeptImage);
    },
    samples: ({ samples }, cases) =>
      createLoader<LabelledContext>({
        module: new URL('./labelled-samples.js', import.meta.url),
        context: { samples, views: config.views, seed: config.seed, kept: fit === 'keep', ignore, slices },
        workers,
        describe: ({ sample }) => cases[sample]?.image ?? `sample ${sample}`,
      }),
    get onDisk() {
      return images.onDisk;
    },
    clear: () => images.clear(),
  };
}
