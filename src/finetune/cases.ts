/** Which cases of a dataset a run trains on, looks at, and is tested on. */
import { InputError } from '../core/errors.js';
import { type LabelledCase, type Layout, type Parts, partNames } from '../data/labelled/labelled.js';
import { divide, limitLabels } from '../data/labelled/parts.js';
import type { FinetuneConfig } from './config.js';

/** A part, or all of them. */
export const splits = [...partNames, 'all'] as const;
export type Split = (typeof splits)[number];

export interface RunCases {
  readonly parts: Parts;
  /** The training cases within the label budget. */
  readonly labelled: Parts['train'];
}

/** The parts of the data of a configuration, and the training cases that it uses. */
export function casesOf({ data, seed }: FinetuneConfig, layout: Layout): RunCases {
  const parts = divide(layout, { ...data, seed: data.splitSeed ?? seed });
  return { parts, labelled: limitLabels(parts.train, data, seed) };
}

/** The parts of the data of a configuration, whatever the label budget. */
export function partsOf(config: FinetuneConfig, layout: Layout): Parts {
  return casesOf({ ...config, data: { ...config.data, cases: null, fraction: 1 } }, layout).parts;
}

/**
 * The cases of a part, whatever the label budget.
 * @throws InputError ('data') for a part without cases; names those that have some
 */
export function casesIn(config: FinetuneConfig, layout: Layout, split: Split): readonly LabelledCase[] {
  const parts = partsOf(config, layout);
  const cases = split === 'all' ? partNames.flatMap((name) => parts[name]) : parts[split];
  if (cases.length > 0) return cases;
  const counts = partNames.map((name) => `${name} ${parts[name].length}`).join(', ');
  throw new InputError(
    'data',
    `${config.data.source}: expected cases in the part ${split}, found none`,
    `The parts have: ${counts}. Choose one with --split, or list the cases in splits.json.`,
  );
}
