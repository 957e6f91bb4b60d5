/** The cases of a named dataset, found by the paths of its files, and what is missing in its folder. */
import { existsSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { InputError } from '../../core/errors.js';
import { filesIn, kindsOfAxes } from '../index.js';
import type { LabelledCase, Layout, PartName } from '../labelled/labelled.js';
import { divisionOf } from '../labelled/layouts/read-layout.js';
import { entriesIn } from '../stats.js';
import { readText } from '../text-file.js';
import type { DatasetPreset, PresetPart, PresetTable } from './preset.js';
import { datasetPresets, type PresetName } from './presets.js';

export interface PresetCheck {
  readonly preset: DatasetPreset;
  /** Cases with an image and a label; the part is undefined where the dataset is not divided. */
  readonly found: readonly { readonly part: PartName | undefined; readonly cases: number }[];
  /** What is missing, a sentence each; empty where the folder can be used. */
  readonly problems: readonly string[];
}

/**
 * The cases of a dataset.
 * @throws InputError ('data') saying what is missing and where the dataset is to be had
 * @example presetLayout('kipa22', 'data/kipa22').cases.length
 */
export function presetLayout(name: PresetName, folder: string, fold = 0): Layout {
  const preset = datasetPresets[name];
  const { cases, problems } = read(preset, folder);
  if (problems.length > 0) {
    throw new InputError(
      'data',
      `${folder}: expected the dataset ${name}\n  ${problems.join('\n  ')}`,
      `${preset.preparation}\n  It is to be had at ${preset.page}`,
    );
  }
  const sorted = cases.map(({ one }) => one).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const division = divisionOf(folder, sorted, fold);
  if (division.parts) return { cases: sorted, classes: preset.classes, ...division };
  const parts: Partial<Record<PartName, readonly string[]>> = {};
  for (const name of ['validation', 'test'] as const) {
    const ids = cases.flatMap(({ part, one }) => (part === name ? [one.id] : []));
    if (ids.length > 0) parts[name] = ids;
  }
  return { cases: sorted, classes: preset.classes, ...(Object.keys(parts).length > 0 ? { parts } : {}) };
}

/** Looks whether a folder holds a dataset; nothing is decoded. */
export function checkPreset(name: PresetName, folder: string): PresetCheck {
  const preset = datasetPresets[name];
  const { cases, problems } = read(preset, folder);
  const parts = [...new Set(preset.parts.map(({ part }) => part))];
  const found = parts.map((part) => ({ part, cases: cases.filter((one) => one.part === part).length }));
  return { preset, found, problems };
}

interface Found {
  readonly part: PartName | undefined;
  readonly one: LabelledCase;
}

function read(preset: DatasetPreset, folder: string): { readonly cases: Found[]; readonly problems: string[] } {
  if (!existsSync(folder)) return { cases: [], problems: [`there is no such folder: ${folder}`] };
  entriesIn(folder); // A folder that may not be read is told as such.
  const paths = pathsIn(folder, preset.dims);
  const problems: string[] = [];
  const cases = preset.parts.flatMap((part) => {
    const own = casesOf(part, preset, folder, paths, problems);
    if (own.length === 0) problems.push(`found no image at ${part.images}`);
    return own;
  });
  return { cases: apart(cases), problems };
}

function pathsIn(folder: string, dims: 2 | 3): string[] {
  try {
    return filesIn(folder, kindsOfAxes(dims)).map((path) => relative(folder, path).split(sep).join('/'));
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

function casesOf(
  { part, images, label }: PresetPart,
  { values, patients }: DatasetPreset,
  folder: string,
  paths: readonly string[],
  problems: string[],
): Found[] {
  const pattern = patternOf(images);
  const table = typeof label === 'object' && 'table' in label ? readTable(folder, label, problems) : undefined;
  if (table === null) return [];
  const missing: string[] = [];
  const cases = paths.flatMap((path): Found[] => {
    const groups = pattern.exec(path)?.groups;
    if (!groups) return [];
    const { id } = groups as { id: string };
    const target = table ? table.get(id) : labelOf(label, groups, folder);
    if (target === undefined) {
      missing.push(typeof label === 'string' ? filled(label, groups) : id);
      return [];
    }
    const patient = (patients && new RegExp(patients).exec(id)?.[1]) || id;
    return [{ part, one: { id, image: join(folder, path), label: target, patient, ...(values ? { values } : {}) } }];
  });
  if (missing.length > 0) {
    const where = table ? `a line in ${(label as PresetTable).table}` : 'a label';
    problems.push(`${missing.length} images of ${images} have not ${where}, the first ${missing[0]}`);
  }
  return cases;
}

function labelOf(label: PresetPart['label'], groups: Readonly<Record<string, string>>, folder: string) {
  if (typeof label === 'object') return 'class' in label && !('table' in label) ? label.class : undefined;
  const path = join(folder, filled(label, groups));
  return existsSync(path) ? path : undefined;
}

/** `a/{id}.png` as an expression with the group `id`. */
function patternOf(path: string): RegExp {
  const escaped = path.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}

function filled(path: string, groups: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => groups[name] ?? '');
}

/** The class of each case; null where the table cannot be used. */
function readTable(
  folder: string,
  { table, id, class: column }: PresetTable,
  problems: string[],
): Map<string, number> | null {
  const path = join(folder, table);
  if (!existsSync(path)) {
    problems.push(`found no table at ${table}`);
    return null;
  }
  const [header, ...rows] = readText(path)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => line.split(',').map((cell) => cell.trim()));
  const columnOf = (name: string) => header?.indexOf(name) ?? -1;
  const [at, value] = [columnOf(id), columnOf(column)];
  if (at < 0 || value < 0) {
    problems.push(`${table}: expected the columns ${id} and ${column}, found ${header?.join(', ') ?? 'none'}`);
    return null;
  }
  return new Map(rows.map((row) => [row[at]!, Math.round(Number(row[value]))]));
}

/** Cases of several parts that share a name are told apart by their part. */
function apart(cases: readonly Found[]): Found[] {
  const times = new Map<string, number>();
  for (const { one } of cases) times.set(one.id, (times.get(one.id) ?? 0) + 1);
  return cases.map(({ part, one }) => {
    if ((times.get(one.id) ?? 0) < 2) return { part, one };
    return {
      part,
      one: { ...one, id: `${part ?? 'all'}-${typeof one.label === 'number' ? `${one.label}-` : ''}${one.id}` },
    };
  });
}
