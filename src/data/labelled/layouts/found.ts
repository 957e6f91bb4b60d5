/** What a layout tells of its folder, in the order and the words that all layouts share. */
import { join } from 'node:path';
import { firstFew } from '../../../core/lists.js';
import { isFolder } from '../../stats.js';
import type { LabelledCase, Layout } from '../labelled.js';
import type { LabelFiles } from '../labels.js';
import { type JsonObject, readJson } from '../tables.js';

export type Found = Omit<Layout, 'classes'> & Partial<Pick<Layout, 'classes'>>;

/** Patients as `cases.json` names them: `{"ID": {"patient": …}}`. */
export function withPatients(
  folder: string,
  images: readonly (readonly [id: string, image: string])[],
  labelOf: (id: string, image: string) => LabelFiles | number,
): { readonly cases: LabelledCase[]; readonly notes: readonly string[] } {
  const path = join(folder, 'cases.json');
  const facts = readJson(path) ?? {};
  const factsOf = (id: string) => (Object.hasOwn(facts, id) ? (facts[id] as JsonObject | null) : undefined);
  const cases = images.map(([id, image]): LabelledCase => {
    const known = { id, image, label: labelOf(id, image), patient: String(factsOf(id)?.patient ?? id) };
    return isFolder(image) ? { ...known, series: true } : known;
  });
  const ids = new Set(cases.map(({ id }) => id));
  const gone = Object.keys(facts).filter((id) => !ids.has(id) && factsOf(id)?.patient !== undefined);
  return { cases: cases.sort(byId), notes: goneNotes(`${path} names`, gone) };
}

/** @param names of images that are not there */
export function goneNotes(where: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const images = names.length === 1 ? '1 image that is' : `${names.length} images that are`;
  return [`${where} ${images} not there: ${firstFew(names)}`];
}

/** By code units: the same order on every machine. */
export function byId(a: LabelledCase, b: LabelledCase): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
