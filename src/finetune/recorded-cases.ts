/** The cases of a run as its record names them. */
import { InputError } from '../core/errors.js';
import { type LabelledCase, type Layout, partNames } from '../data/labelled/labelled.js';
import type { Split } from './cases.js';
import type { DataRecord } from './data-record.js';

/**
 * The part that a run's record names: the folder may have grown since, and a new draw would put training cases into the
 * test.
 */
export function recordedCases(
  { cases }: Layout,
  folder: string,
  record: DataRecord,
  split: Split,
): readonly LabelledCase[] {
  if (split === 'all') return cases;
  const parts = { train: [...record.labelled, ...record.unused], validation: record.validation, test: record.test };
  const ids = new Set(parts[split]);
  const present = cases.filter(({ id }) => ids.has(id));
  if (ids.size === 0) {
    const counts = partNames.map((name) => `${name} ${parts[name].length}`).join(', ');
    throw new InputError(
      'data',
      `${folder}: expected cases in the part ${split}, found none`,
      `The parts of the run have: ${counts}. Choose one with --split, or name another folder.`,
    );
  }
  if (present.length === ids.size) return present;
  const gone = [...ids].filter((id) => !present.some((one) => one.id === id));
  throw new InputError(
    'data',
    `${folder}: expected the ${ids.size} cases of the run's part ${split}, found ${present.length}; "${gone[0]}" is gone`,
    'Restore the folder, or name another one.',
  );
}
