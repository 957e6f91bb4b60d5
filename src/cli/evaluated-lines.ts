/**
 * What `cover evaluate` says of the cases that it scores: how many, of which part and folder, and which of them are not
 * new.
 */
import { counted } from '../core/counted.js';
import { firstFew } from '../core/lists.js';
import { printable } from '../core/printable.js';
import type { Tensor } from '../core/tensor.js';
import { hangingLines } from '../core/wrap.js';
import { type EvaluationCases, partOfTraining } from '../node/evaluation-cases.js';
import type { FinetunedModel } from '../use/finetuned-model.js';

/** Ids of cases that the network has seen before; null where nothing is known of its training. */
export interface SeenCases {
  readonly inTraining: readonly string[] | null;
  readonly inValidation: readonly string[] | null;
}

/** Collects the cases whose images the run's record knows. */
export function seenBefore({ record }: EvaluationCases): {
  look(id: string, image: Tensor): Promise<void>;
  found(): SeenCases;
} {
  const found = { train: [] as string[], validation: [] as string[] };
  return {
    async look(id, image) {
      const part = record?.images && (await partOfTraining(record, image));
      if (part) found[part].push(id);
    },
    found: () =>
      record?.images
        ? { inTraining: found.train, inValidation: found.validation }
        : { inTraining: null, inValidation: null },
  };
}

/** For the report's JSON. */
export function evaluatedFacts({ cases, folder, split, ofTraining, otherClasses }: EvaluationCases) {
  return { folder, split, cases: cases.length, ofTraining, ...(otherClasses ? { classes: otherClasses } : {}) };
}

/** What is scored by what, in lines of at most 80 columns. */
export function evaluatedLines(
  { source, step }: FinetunedModel,
  { cases, folder, split, ofTraining, otherClasses }: EvaluationCases,
): string[] {
  const which = split === 'all' ? 'all of the folder' : `its ${split} part`;
  const count = counted(cases.length, 'case');
  return [
    `model ${source}, step ${step}`,
    `data ${folder}: ${count}, ${which}${ofTraining ? ', the folder of the training' : ''}`,
    ...(otherClasses ? [`classes there are called ${otherClasses.join(', ')}; they are compared by their index`] : []),
  ].flatMap(hangingLines);
}

/** A warning where scores are not those of new images. */
export function seenLines({ inTraining, inValidation }: SeenCases, { cases, split }: EvaluationCases): string[] {
  if (inTraining === null || inValidation === null) {
    return ["note: whether cases were in the training is not known: the run's data.json has no hashes of its images"];
  }
  const line = (ids: readonly string[], what: string) => {
    if (ids.length === 0) return [];
    return [
      `warning: ${ids.length} of ${cases.length} cases ${what}, told by their content: ${printable(firstFew(ids))}`,
    ];
  };
  const asked = split === 'train' || split === 'validation';
  const lines = [
    ...line(inTraining, 'were in the training'),
    ...(split === 'validation' ? [] : line(inValidation, 'chose the checkpoint (validation)')),
  ];
  return lines.length === 0 || asked ? lines : [...lines, '  Their scores say nothing of new images.'];
}
