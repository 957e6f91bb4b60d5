/** The score of a run on its own test cases, kept in the run and shown at the top of its report. */
import { basename, dirname } from 'node:path';
import type { TestScore } from '../finetune/answer.js';
import { writeReport } from '../finetune/report.js';
import { taskOf } from '../finetune/tasks.js';
import type { Estimate } from '../metrics/index.js';
import { RunFolder } from '../train/run-folder.js';
import type { FinetunedModel } from '../use/finetuned-model.js';
import type { EvaluationCases } from './evaluation-cases.js';
import { FolderStore } from './folder-store.js';

/**
 * Writes `test.json` into the run that a checkpoint lies in and draws its report anew; nothing where the cases are not
 * the run's test cases, or the weights were taken out of their run.
 * @param score the mean over the classes
 */
export async function recordTestScore(
  { config, source, step }: FinetunedModel,
  { cases, ofTraining, split }: EvaluationCases,
  { value, low, high }: Estimate,
): Promise<void> {
  const folder = dirname(source);
  if (!ofTraining || split !== 'test' || basename(folder) !== 'checkpoints') return;
  if (value === null || low === null || high === null) return;
  const run = new RunFolder(new FolderStore(dirname(folder)));
  const { criterion } = taskOf(config);
  await run.writeRecord('test', {
    name: criterion.name,
    value,
    low,
    high,
    cases: cases.length,
    step,
  } satisfies TestScore);
  await writeReport(run, config, criterion);
}
