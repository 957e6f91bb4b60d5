/**
 * Some of the cells of a plan, by number or share, and how far each has come. Cells are numbered from 1, as the plan
 * has them.
 */
import { InputError } from '../core/errors.js';
import { cellHolder, hasCheckpoint, readFailure, readResult } from './cell.js';
import type { Cell, Plan } from './plan.js';

export type CellState = 'finished' | 'running' | 'failed' | 'begun' | 'open';

/** `running` is told by the cell's lock, and holds for a while of a process that has died on another host. */
export async function cellState(folder: string, cell: Cell): Promise<CellState> {
  if (readResult(folder, cell)) return 'finished';
  if (cellHolder(folder, cell)) return 'running';
  if (readFailure(folder, cell) !== undefined) return 'failed';
  return (await hasCheckpoint(folder, cell)) ? 'begun' : 'open';
}

/** @throws InputError ('config') where the plan has no such cell */
export function cellNumbered({ cells }: Plan, number: number): Cell {
  if (Number.isInteger(number) && number >= 1 && number <= cells.length) return cells[number - 1]!;
  throw new InputError(
    'config',
    `cell ${number}: expected a whole number from 1 to ${cells.length}`,
    'List the cells with: cover benchmark PLAN.yaml --cells',
  );
}

/**
 * A share of the cells, such as `3/8`: the third of eight, which together are all. Each takes every eighth cell, so
 * that all have cells of every task and budget.
 * @throws InputError ('config') for another text
 */
export function cellsOfShare({ cells }: Plan, share: string): Cell[] {
  const [, part = 0, parts = 0] = share.match(/^(\d{1,6})\/(\d{1,6})$/)?.map(Number) ?? [];
  if (part >= 1 && part <= parts) return cells.filter((_, index) => index % parts === part - 1);
  throw new InputError(
    'config',
    `--cells ${share}: expected a share such as 3/8, the third of eight`,
    'Without a value the cells are listed.',
  );
}
