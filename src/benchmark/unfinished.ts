/**
 * Initialisations whose pretraining is not finished, or whose weights are untrained: what is compared is then less than
 * the method. They are told before the first cell. Each cell that begins with one keeps a note of it, which the report
 * of any process tells, also when the pretraining has gone on since.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { counted } from '../core/counted.js';
import { groupBy } from '../core/group-by.js';
import { lastWeights, longerCommand, type UnfinishedPretraining, unfinishedPretraining } from '../node/unfinished.js';
import { writeFileAtomic } from '../system/files.js';
import type { Cell } from './plan.js';

export interface UnfinishedInitialisation extends UnfinishedPretraining {
  readonly initialisation: string;
}

/** What cells of one initialisation have begun with. */
export interface NotedUnfinished extends UnfinishedInitialisation {
  /** The step of the last cell; that of the first one is `step`. */
  readonly lastStep: number;
  readonly cells: number;
}

const NOTE = 'unfinished.json';

/** Of the cells' initialisations, as they are now: each run once. */
export function unfinishedAmong(cells: readonly Cell[]): UnfinishedInitialisation[] {
  const begun = new Map(cells.map((cell) => [`${cell.initialisation} ${cell.config.model.from}`, cell]));
  return [...begun.values()].flatMap(({ initialisation, config }) => {
    const found = unfinishedPretraining(config.model.from);
    return found ? [{ initialisation, ...found }] : [];
  });
}

/** Writes down what a cell begins with. */
export function noteUnfinished(root: string, cell: Cell): void {
  const path = join(root, cell.folder, NOTE);
  const [found] = unfinishedAmong([cell]);
  if (found) writeFileAtomic(path, `${JSON.stringify(found, null, 2)}\n`);
  else rmSync(path, { force: true });
}

/** What the cells of a folder have begun with, by initialisation and run. */
export function notedUnfinished(root: string, cells: readonly Cell[]): NotedUnfinished[] {
  const notes = cells.flatMap(({ folder }): UnfinishedInitialisation[] => {
    const path = join(root, folder, NOTE);
    return existsSync(path) ? [JSON.parse(readFileSync(path, 'utf8'))] : [];
  });
  const groups = groupBy(notes, ({ initialisation, run, untrained }) => `${initialisation} ${run} ${untrained}`);
  return [...groups.values()].map((own) => {
    const steps = own.map(({ step }) => step);
    return { ...own[0]!, step: Math.min(...steps), lastStep: Math.max(...steps), cells: own.length };
  });
}

/** What the report says of it. */
export function notedText(noted: NotedUnfinished): string {
  const { initialisation, run, step, lastStep, steps, untrained, cells } = noted;
  const begun = counted(cells, 'cell');
  if (untrained) {
    const last = { ...noted, step: lastStep };
    return [
      `${initialisation}: ${begun} began with the weights of step 0 of the pretraining in ${run}, before any training: no look at its held-out images was better.`,
      `To compare the method, train longer (${longerCommand(last)}) or name the last weights (${lastWeights(last)}), and run the plan in another folder.`,
    ].join(' ');
  }
  const at = step === lastStep ? `step ${step}` : `steps ${step} to ${lastStep}`;
  return [
    `${initialisation}: the pretraining in ${run} was not finished, at ${at} of ${steps}, when ${begun} began with it.`,
    `To compare the whole pretraining, finish it (${longerCommand(noted)}) and run the plan in another folder.`,
  ].join(' ');
}
