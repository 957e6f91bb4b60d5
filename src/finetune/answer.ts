/** What a fine-tuning was about and what came of it, in two sentences, from the records of `metrics.jsonl`. */
import { counted } from '../core/counted.js';
import { duration } from '../core/duration.js';
import { inWords } from '../core/lists.js';
import type { Answer, MetricRecord } from '../report/index.js';
import type { FinetuneConfig } from './config.js';

/** A score on cases that had no part in the training. */
export interface TestScore {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly cases: number;
  /** That of the checkpoint. */
  readonly step: number;
}

/**
 * @param score what the validation's score is called
 * @param labelled training cases, where it is known
 * @param test the mean over the classes on test cases, where they have been scored
 */
export function finetuningAnswer(
  metrics: readonly MetricRecord[],
  { task, data, model }: Pick<FinetuneConfig, 'task' | 'data' | 'model'>,
  {
    score,
    labelled,
    test,
  }: { readonly score: string; readonly labelled: number | undefined; readonly test: TestScore | null },
): Answer {
  const from = model.from === 'scratch' ? 'a network that began with random weights' : 'the pretrained network';
  // The first class of a segmentation is the background.
  const names = task === 'classification' ? data.classes : data.classes.slice(1);
  const about = names.length > 0 && names.length <= 4 ? inWords(names) : `${names.length} classes`;
  const cases = labelled === undefined ? 'labelled cases' : counted(labelled, 'labelled case');
  const question = `How well does ${from} tell ${about} after learning from ${cases}?`;
  const looks = metrics.filter(({ kind, score: value }) => kind === 'validation' && Number.isFinite(Number(value)));
  const best = looks.toSorted((a, b) => Number(b.score) - Number(a.score))[0];
  const seconds = metrics.reduce((sum, { kind, seconds: own }) => sum + (kind === 'train' ? Number(own) || 0 : 0), 0);
  const trained = `${Number(metrics.at(-1)?.step ?? 0)} steps${seconds > 0 ? ` of ${duration(seconds)} in all` : ''}`;
  const validated = best
    ? `${score} ${Number(best.score).toFixed(3)} on the validation cases (step ${Number(best.step)})`
    : 'no validation cases to tell';
  if (!test) return { question, answer: `After ${trained}: ${validated}. The test cases have not been scored yet.` };
  const interval = `${test.low.toFixed(3)} to ${test.high.toFixed(3)}`;
  return {
    question,
    answer: `On ${test.cases} test cases, at step ${test.step}: ${test.name} ${test.value.toFixed(3)} (${interval}). After ${trained}: ${validated}.`,
  };
}
