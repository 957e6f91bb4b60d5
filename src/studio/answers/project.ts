/** What a labelling project is, wherever it lies: its record, what is known of its predictions, its cases. */
import { z } from 'zod';
import { parsedJson } from '../../core/json.js';
import { checkClassNames } from '../shared/class-names.js';
import type { Project, ProjectCase } from '../shared/protocol.js';
import { Conflict } from './conflict.js';

const recordSchema = z.object({
  /** Below the data. */
  folder: z.string(),
  classes: z.array(z.string()).min(2),
  /** The run that training begins with, or `scratch`. */
  from: z.string(),
  restIsBackground: z.boolean(),
  held: z.array(z.string()),
  /** The newest first. */
  runs: z.array(z.string()),
});
export type ProjectRecord = z.output<typeof recordSchema>;

const predictedSchema = z.object({
  /** The newest training, which predicted them; empty where there was none. */
  run: z.string(),
  /** How far it was. */
  step: z.number().default(0),
  /** The pretraining that laid what was drawn over all cases, in the place of the training; else empty. */
  atlas: z.string().default(''),
  cases: z.record(z.string(), z.object({ uncertainty: z.number(), dice: z.number().nullable() })),
});
/** What is known of the newest predictions. */
export type Predicted = z.output<typeof predictedSchema>;
export type PredictedBy = Omit<Predicted, 'cases'>;

/** Undefined where the text is no record. */
export function recordIn(text: string): ProjectRecord | undefined {
  return recordSchema.safeParse(parsedJson(text)).data;
}

/** Nothing predicted where the text is none. */
export function predictedIn(text: string): Predicted {
  return predictedSchema.safeParse(parsedJson(text)).data ?? { run: '', step: 0, atlas: '', cases: {} };
}

export interface ProjectChange {
  readonly classes?: readonly string[] | undefined;
  readonly from?: string | undefined;
  readonly restIsBackground?: boolean | undefined;
}

/** @throws Conflict ('config') where classes are taken away, InputError ('config') for names that cannot be */
export function changed(
  record: ProjectRecord,
  { classes = record.classes, from, restIsBackground = record.restIsBackground }: ProjectChange,
): ProjectRecord {
  if (classes.length < record.classes.length) {
    throw new Conflict('config', 'classes can be renamed and added, not taken away: labels hold their numbers');
  }
  if (classes !== record.classes) checkClassNames(classes);
  return { ...record, classes: [...classes], from: from || record.from, restIsBackground };
}

/** Holds a case out of training, or lets it in again. */
export function holding(record: ProjectRecord, id: string, held: boolean): ProjectRecord {
  const others = record.held.filter((one) => one !== id);
  return { ...record, held: held ? [...others, id] : others };
}

/** The cases to which labels were transferred, and which a training may learn from: nobody drew in them. */
export function transferredIn(
  { held }: ProjectRecord,
  { atlas, cases }: Predicted,
  drawn: ReadonlySet<string>,
  known: ReadonlyMap<string, unknown>,
): string[] {
  if (atlas === '') return [];
  return Object.keys(cases).filter((id) => known.has(id) && !drawn.has(id) && !held.includes(id));
}

/**
 * The labelled cases that a training takes, and which of them are held out.
 * @param drawn the cases that have been drawn in @param known those that there are
 * @param transferred others that are trained on beside them
 * @throws Conflict ('data') where no drawn case is left to train on
 */
export function divided(
  { held }: ProjectRecord,
  drawn: Iterable<string>,
  known: ReadonlyMap<string, unknown>,
  transferred: readonly string[],
) {
  const ids = [...drawn].filter((id) => known.has(id)).sort();
  const train = ids.filter((id) => !held.includes(id));
  const val = ids.filter((id) => held.includes(id));
  if (train.length > 0) return { ids, splits: { train: [...train, ...transferred], val, test: [] } };
  throw new Conflict('data', 'expected at least one labelled case that is not held out, found none');
}

export interface CaseFacts {
  /** The image, as a place names it. */
  readonly path: string;
  readonly volume: boolean;
}

/** @param images by id */
export function projectOf(
  name: string,
  record: ProjectRecord,
  images: ReadonlyMap<string, CaseFacts>,
  drawn: ReadonlySet<string>,
  predicted: Predicted,
): Project {
  const { cases } = predicted;
  const caseList = [...images].map(([id, facts]): ProjectCase => {
    const known = Object.hasOwn(cases, id) ? cases[id] : undefined;
    return {
      ...{ id, ...facts, labelled: drawn.has(id), held: record.held.includes(id) },
      uncertainty: known?.uncertainty ?? null,
      dice: known?.dice ?? null,
    };
  });
  const { folder, classes, from, restIsBackground, runs } = record;
  return {
    ...{ name, folder, classes, from, restIsBackground, runs },
    labelled: caseList.filter((one) => one.labelled).length,
    cases: caseList.length,
    caseList,
    transferred: transferredIn(record, predicted, drawn, images).length,
  };
}
