/** What a pretraining was about and what came of it, in two sentences, from the records of `metrics.jsonl`. */
import { duration } from '../core/duration.js';
import type { Answer, MetricRecord } from '../report/index.js';
import { improves } from '../train/criterion.js';
import type { MethodMetrics } from './method.js';

/** @param count images or volumes of the training, in words, where it is known: `180 images` */
export function pretrainingAnswer(
  metrics: readonly MetricRecord[],
  { criterion, reference }: MethodMetrics,
  count: string | undefined,
): Answer {
  const noun = count?.endsWith('volumes') ? 'volumes' : 'images';
  const question = reference
    ? `How well does the network find, between two views of ${noun} that it was not trained on, where each place went?`
    : `What does the network say of ${noun} that it was not trained on?`;
  const steps = metrics.filter(({ kind }) => kind === 'train');
  const looks = metrics.filter(({ kind }) => kind === 'validation');
  const seconds = steps.reduce((sum, record) => sum + (Number(record.seconds) || 0), 0);
  const trained = [
    `${Number(metrics.at(-1)?.step ?? 0)} steps`,
    ...(seconds > 0 ? [`of ${duration(seconds)} in all`] : []),
    ...(count ? [`on ${count}`] : []),
  ].join(' ');
  const unit = criterion.unit ? ` ${criterion.unit}` : '';
  const value = (record: MetricRecord, key: string) => Number(record[key]);
  const [first, last] = [looks[0], looks.at(-1)];
  if (!first || !last) return { question, answer: `After ${trained} nothing has been looked at yet.` };
  const shown = `${criterion.name} ${value(last, criterion.key).toFixed(criterion.digits)}${unit}`;
  const start = { step: 0, [criterion.key]: value(first, criterion.key) };
  const [, ...later] = looks;
  const stayed = later.length > 0 && !later.some((record) => improves(criterion, value(record, criterion.key), start));
  const best = stayed ? ' It was best at step 0: the training did not improve on it.' : '';
  if (!reference) {
    const before =
      looks.length > 1 ? `, ${value(first, criterion.key).toFixed(criterion.digits)}${unit} at the start` : '';
    return { question, answer: `After ${trained}: ${shown}${before}.${best}` };
  }
  const zero = value(last, reference.key);
  const share = Math.round((100 * value(last, criterion.key)) / zero);
  return {
    question,
    answer: `After ${trained}: ${shown}, which is ${share} % of the ${reference.name}’s ${zero.toFixed(reference.digits)}${unit}.${best}`,
  };
}

/** Why a training error may rise under a curriculum; undefined without one. */
export function curriculumNote(curriculum: { readonly steps: number } | null, steps: number): string | undefined {
  if (!curriculum) return undefined;
  const until = Math.min(curriculum.steps, steps);
  return (
    `The training error may rise until step ${until}: views are weak at first and grow to their whole strength ` +
    `(views.curriculum), so the task becomes harder while the network learns. Validation views have it from the start.`
  );
}
