/**
 * Where a fine-tuning run starts: a new one with its configuration made complete from the data and the pretrained network, or
 * the one in the folder from its last checkpoint.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { divide, type LabelledCase, limitLabels, type Parts, partNames } from '../data/labelled/index.js';
import { initialParameters } from '../nn/index.js';
import { latestCheckpoint } from '../pretrain/checkpoint.js';
import { type InitialWeights, initialWeightsFrom } from '../pretrain/init-from.js';
import { removeTemporaryFiles } from '../system/files.js';
import { metricsPath, trimMetrics } from '../train/metrics.js';
import { groupsOf } from '../use/finetuned-model.js';
import { type Best, copyBest, loadCheckpoint } from './checkpoint.js';
import { completeConfig } from './complete.js';
import type { FinetuneConfig } from './config.js';
import { layoutOf } from './layout.js';
import { readPretrained } from './pretrained.js';
import type { TrainerState } from './trainer.js';

export type FinetuneSource =
  /** A new run; what is empty in the configuration is found out. */
  | { readonly config: FinetuneConfig }
  /** The run in the folder, from its last checkpoint. */
  | { readonly resume: true };

export interface Start {
  /** Complete. */
  readonly config: FinetuneConfig;
  readonly parts: Parts;
  /** The training cases within the label budget. */
  readonly labelled: Parts['train'];
  /** The step of the checkpoint that the run goes on from; null for a new run. */
  readonly step: number | null;
  readonly best: Best | null;
  readonly state: TrainerState;
  readonly initialWeights?: InitialWeights;
}

/**
 * Finds where a run starts; writes nothing.
 * @throws InputError when a new run's folder holds one already, the run to continue is missing, the data have no known layout,
 * or the extents do not fit the network
 */
export async function findStart(folder: string, source: FinetuneSource): Promise<Start> {
  if ('resume' in source) {
    const checkpoint = loadCheckpoint(latestCheckpoint(folder));
    return { ...checkpoint, ...casesOf(checkpoint.config) };
  }
  if (existsSync(metricsPath(folder))) {
    throw new InputError(
      'file',
      `${folder}: there is a run in this folder`,
      'Use --resume to continue it, or name another folder.',
    );
  }
  const config = await completeConfig(source.config);
  const { backbone, head } = groupsOf(config);
  const state = new Map([['head.theta', initialParameters(head, config.seed)]]);
  const begin = { config, ...casesOf(config), step: null, best: null };
  if (config.model.from === 'scratch') {
    state.set('backbone.theta', initialParameters(backbone, config.seed));
    return { ...begin, state };
  }
  const { report, ...weights } = initialWeightsFrom(readPretrained(config.model.from).file, backbone, config.seed);
  const afresh = new Set(head.map(({ name }) => name));
  const unused = report.unused.filter((name) => !afresh.has(name));
  state.set('backbone.theta', weights.theta);
  return { ...begin, state, initialWeights: { ...weights, report: { ...report, unused } } };
}

/** Brings the folder of a run that goes on to the state of its checkpoint. */
export function prepareFolder(folder: string, { step, best }: Start): void {
  if (step === null) return;
  const checkpoints = join(folder, 'checkpoints');
  removeTemporaryFiles(checkpoints);
  trimMetrics(folder, step);
  copyBest(checkpoints, { step, best });
}

/** A part, or all of them. */
export const splits = [...partNames, 'all'] as const;
export type Split = (typeof splits)[number];

/**
 * The cases of a part, whatever the label budget.
 * @throws InputError ('data') for a part without cases; names those that have some
 */
export function casesIn(config: FinetuneConfig, split: Split): readonly LabelledCase[] {
  const { parts } = casesOf({ ...config, data: { ...config.data, cases: null, fraction: 1 } });
  const cases = split === 'all' ? partNames.flatMap((name) => parts[name]) : parts[split];
  if (cases.length > 0) return cases;
  const counts = partNames.map((name) => `${name} ${parts[name].length}`).join(', ');
  throw new InputError(
    'data',
    `${config.data.source}: expected cases in the part ${split}, found none`,
    `The parts have: ${counts}. Choose one with --split, or list the cases in splits.json.`,
  );
}

/** The parts of the data of a configuration, and the training cases that it uses. */
export function casesOf(config: FinetuneConfig): Pick<Start, 'parts' | 'labelled'> {
  const { data, seed } = config;
  const parts = divide(layoutOf(config), { ...data, seed: data.splitSeed ?? seed });
  return { parts, labelled: limitLabels(parts.train, data, seed) };
}
