/**
 * Scored cases whose images a pretraining was given: it is judged by what it has seen, and scratch beside it is not.
 * Told before the first cell, and in the report.
 */
import { groupBy } from '../core/group-by.js';
import { seenNotes } from '../finetune/notes.js';
import { casesOfSplit, pretrainedOn } from '../node/finetune.js';
import type { CellResult } from './cell.js';
import type { Cell, Plan } from './plan.js';

/** What cells will be scored on though their pretraining has seen it, a sentence for each task and pretraining. */
export async function seenByCells(plan: Plan, cells: readonly Cell[]): Promise<string[]> {
  const told: string[] = [];
  const begun = groupBy(cells, ({ task, initialisation, pretraining }) => `${task} ${initialisation} ${pretraining}`);
  const listed = new Map<string, ReturnType<typeof casesOfSplit>>();
  for (const [cell] of begun.values()) {
    const cases = listed.get(cell!.task) ?? casesOfSplit(cell!.config, plan.content.tasks[cell!.task]!.split);
    listed.set(cell!.task, cases);
    const seen = await pretrainedOn(cell!.config.model.from, cases);
    told.push(...seenNotes(cases.length, seen).map((note) => `${beginningOf(cell!)}: ${note}`));
  }
  return told;
}

/** The same of the results that there are. */
export function seenInResults(results: readonly CellResult[]): string[] {
  const told = results.flatMap((result) =>
    seenNotes(result.cases.length, result.seen ?? []).map((note) => `${beginningOf(result)}: ${note}`),
  );
  return [...new Set(told)];
}

function beginningOf({
  task,
  initialisation,
  pretraining,
}: Pick<Cell, 'task' | 'initialisation'> & Pick<CellResult, 'pretraining'>) {
  return `${task}: ${initialisation}${pretraining ? ` (pretraining ${pretraining})` : ''}`;
}
