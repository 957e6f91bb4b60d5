/**
 * Cells of a task are compared case by case: all have to learn from the same data and be scored on the same cases. Each
 * keeps what its files held; before others are run, the data are compared with that.
 */
import { join } from 'node:path';
import { counted } from '../core/counted.js';
import { InputError } from '../core/errors.js';
import { type PartName, type Parts, partNames } from '../data/labelled/index.js';
import { type CellResult, readRecord, readResult, resultTime } from './cell.js';
import { contentOf, mayDiffer } from './contents.js';
import type { Cell } from './plan.js';

/**
 * Compares what is there now with what the finished cells of a task were about.
 * @param parts of the task's data
 * @param split the part that the plan scores
 * @throws InputError ('data') naming the cell and what differs
 */
export async function checkSameData(root: string, cells: readonly Cell[], parts: Parts, split: PartName) {
  const cases = new Map(partNames.flatMap((name) => parts[name]).map((one) => [one.id, one]));
  const known = new Map<string, string>();
  const differs = (id: string, content: string, time: number) => {
    const one = cases.get(id)!;
    if (!mayDiffer(one, content, time)) return false;
    const now = known.get(id) ?? contentOf(one);
    known.set(id, now);
    return now !== content;
  };
  for (const cell of cells) {
    const result = readResult(root, cell);
    if (!result) continue;
    const time = resultTime(root, cell);
    const otherContent = () => {
      // Results of older versions say nothing of what cases held.
      const [id] = Object.entries(result.contents ?? {}).find(([id, content]) => differs(id, content, time)) ?? [];
      return id && `another image or label of ${id}`;
    };
    const found = (await otherCases(root, cell, result, parts, split)) ?? otherContent();
    if (found === undefined) continue;
    throw new InputError(
      'data',
      `${join(root, cell.folder)}: expected the data that this cell was about, found ${found}`,
      'What is compared has to be about the same data: restore the data or the plan, or take another folder with -o.',
    );
  }
}

/** A part that has other cases than it had. */
async function otherCases(root: string, cell: Cell, { cases }: CellResult, parts: Parts, split: PartName) {
  const record = await readRecord(root, cell);
  const then: Readonly<Record<PartName, readonly string[]>> | null = record && {
    train: [...record.labelled, ...record.unused],
    validation: record.validation,
    test: record.test,
  };
  for (const name of partNames) {
    const now = parts[name].map(({ id }) => id);
    const before = then?.[name] ?? now;
    const strange = difference(now, before);
    if (strange) return `${strange} in the part ${name} of ${cell.config.data.source}`;
  }
  const scored = difference(
    parts[split].map(({ id }) => id),
    cases.map(({ id }) => id),
  );
  return scored && `${scored} in what is scored, the part ${split}`;
}

/** `wsp_1 too many` or `wsp_1 missing`; undefined for equal lists, whatever their order. */
function difference(now: readonly string[], before: readonly string[]): string | undefined {
  const [is, was] = [new Set(now), new Set(before)];
  const added = now.filter((id) => !was.has(id));
  if (added.length > 0) return `${named(added)} too many`;
  const gone = before.filter((id) => !is.has(id));
  return gone.length > 0 ? `${named(gone)} missing` : undefined;
}

function named(ids: readonly string[]): string {
  return ids.length === 1 ? ids[0]! : `${ids[0]} and ${counted(ids.length - 1, 'other')}`;
}
