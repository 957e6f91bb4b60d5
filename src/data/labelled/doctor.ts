/**
 * Examines a labelled dataset before anything is trained on it: whether each case has an image and a label that belong
 * together, which classes there are and how often, how the cases are divided, and which images are in several parts.
 * What a training would refuse is told; nothing is thrown but what makes the folder no dataset at all.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { faultOf } from '../../core/errors.js';
import { classCounts } from '../../core/label-sets.js';
import { canonicalGrid } from '../../image/index.js';
import { examineFile } from '../examine-file.js';
import { isVolumeName } from '../file-names.js';
import type { DataKind } from '../options.js';
import { mapLimited } from '../parallel.js';
import { type DoctorReport, doctorReport } from '../report.js';
import { checkSomeClass, namesFromLabels, valuesIn } from './known-classes.js';
import { type LabelledCase, type Layout, type PartName, type Parts, partNames } from './labelled.js';
import { checkPlace, firstFile, type LabelFiles, type Place } from './labels.js';
import { othersText } from './layouts/label-folder.js';
import { divide } from './parts.js';
import { readLabels } from './read-labels.js';
import { readJson } from './tables.js';
import type { Task } from './task.js';

/** A class and where it is found. */
export interface ClassReport {
  readonly name: string;
  /** Cases that have it. */
  readonly cases: number;
  /** Its share of the labelled pixels or voxels; of a classification, of the cases. */
  readonly share: number;
}

/** Images of several parts with the same content. */
export interface Overlap {
  readonly parts: readonly [PartName, PartName];
  readonly cases: readonly [string, string];
}

export interface LabelledReport {
  readonly task: Task;
  readonly kind: DataKind;
  /** What is to be said of the images. */
  readonly images: DoctorReport;
  readonly cases: number;
  readonly patients: number;
  readonly classes: readonly ClassReport[];
  /** The label that belongs to no class, and the share of the pixels or voxels that have it. */
  readonly ignored: { readonly label: number; readonly share: number };
  /** Whether classes may overlap. */
  readonly multiLabel: boolean;
  /** Cases of each part, and what divides them: a file, the layout of the folder, or a draw with the seed. */
  readonly parts: Readonly<Record<PartName, number>> | null;
  readonly dividedBy: string;
  /** Cases that no part has. */
  readonly unused: number;
  readonly overlaps: readonly Overlap[];
  /** Patients with cases in several parts. */
  readonly dividedPatients: readonly string[];
  /** What lies in the folder and is of no case, a sentence each. */
  readonly notes: readonly string[];
  /** What a training would refuse, a sentence each, with the file where one is meant. */
  readonly problems: readonly string[];
}

export interface LabelledExamineOptions {
  /** The smallest extent that each axis of an image must have; by default 32 pixels, or 8 voxels of volumes. */
  readonly minimumSize?: number | null;
  /** A label that belongs to no class. */
  readonly ignore?: number;
  /** As a fine-tuning draws the parts where nothing divides the cases. */
  readonly draw?: { readonly seed: number; readonly validationShare: number; readonly testShare: number };
  readonly onProgress?: (done: number, total: number) => void;
}

/** The defaults of a fine-tuning. */
const DRAW = { seed: 0, validationShare: 0.15, testShare: 0.2 } as const;

/** What a folder seems to be labelled for, by the files and folders in it; empty where it is not labelled. */
export function labelledTasks(folder: string): Task[] {
  const has = (name: string) => existsSync(join(folder, name));
  const listed = () => {
    try {
      return Array.isArray(readJson(join(folder, 'dataset.json'))?.training);
    } catch {
      return false;
    }
  };
  return [
    ...(has('labels') || has('labelsTr') || listed() ? (['segmentation'] as const) : []),
    ...(has('labels.json') || has('labels.csv') ? (['classification'] as const) : []),
  ];
}

/** @param layout as `readLayout` or `presetLayout` gives it */
export async function examineLabelled(
  layout: Layout,
  task: Task,
  { minimumSize = null, ignore = 255, draw = DRAW, onProgress }: LabelledExamineOptions = {},
): Promise<LabelledReport> {
  const { cases, multiLabel = false } = layout;
  const volumes = cases.filter(({ image, series }) => series || isVolumeName(image)).length;
  const kind = volumes > 0 ? 'volumes' : 'images';
  const problems: string[] = [];
  if (volumes > 0 && volumes < cases.length) {
    problems.push(`images and volumes are mixed (${cases.length - volumes} and ${volumes}): give each kind a folder`);
  }
  let done = 0;
  const found = await mapLimited(cases, kind === 'images' ? 4 : 1, async (one) => {
    const { report, content, decoded } = await examineFile(one.image, { kind, minimumSize, slices: null });
    const place: Place | undefined = decoded && placeOfDecoded(decoded);
    const unread = ['unreadable', 'truncated'].includes(report.state) ? `${one.image}: ${report.reason}` : undefined;
    const { counts, problem } = await countsOf(one, place);
    onProgress?.(++done, cases.length);
    return { report, content, counts, problems: [unread, problem].filter((text) => text !== undefined) };
  });
  problems.push(...found.flatMap((one) => one.problems));
  const read = found.flatMap(({ counts }, index) => (counts ? [{ counts, one: cases[index]! }] : []));
  const seen = read.map(({ counts }) => counts);
  const classes = task === 'classification' ? casesByClass(layout) : pixelsByClass(read, layout, ignore, problems);
  const parts = divided(layout, draw, problems);
  const contents = new Map(cases.map(({ id }, index) => [id, found[index]!.content]));
  return {
    task,
    kind,
    images: doctorReport(kind, found),
    cases: cases.length,
    patients: new Set(cases.map(({ patient }) => patient)).size,
    classes,
    ignored: { label: ignore, share: shareOf(seen, ignore) },
    multiLabel,
    parts: parts && { train: parts.train.length, validation: parts.validation.length, test: parts.test.length },
    dividedBy: layout.dividedBy ?? (layout.parts ? 'the layout of the folder' : `a draw with the seed ${draw.seed}`),
    unused: parts ? cases.length - partNames.reduce((sum, name) => sum + parts[name].length, 0) : 0,
    overlaps: parts ? overlapsOf(parts, contents) : [],
    dividedPatients: parts ? dividedPatients(parts) : [],
    notes: layout.notes ?? [],
    problems,
  };
}

function placeOfDecoded(decoded: NonNullable<Awaited<ReturnType<typeof examineFile>>['decoded']>): Place {
  if (decoded.kind === 'images') return { shape: decoded.image.shape };
  const grid = canonicalGrid(decoded.stored);
  return { shape: grid.shape, grid };
}

interface Counted {
  /** How often each value occurs in the labels of a case; absent for a class, and where they cannot be read. */
  readonly counts?: Float64Array;
  readonly problem?: string;
}

async function countsOf({ label, values }: LabelledCase, place: Place | undefined): Promise<Counted> {
  if (typeof label === 'number') return {};
  try {
    const labels = await readLabels(label, values);
    if (place) checkPlace(firstFile(label), labels, place);
    const counts = new Float64Array(256);
    for (const value of labels.data) counts[value]!++;
    return { counts };
  } catch (error) {
    return { problem: faultOf(error) };
  }
}

function shareOf(all: readonly Float64Array[], label: number): number {
  const pixels = all.reduce((sum, counts) => sum + counts.reduce((own, count) => own + count, 0), 0);
  return pixels > 0 ? all.reduce((sum, counts) => sum + counts[label]!, 0) / pixels : 0;
}

function pixelsByClass(
  read: readonly { readonly counts: Float64Array; readonly one: LabelledCase }[],
  layout: Layout,
  ignore: number,
  problems: string[],
): ClassReport[] {
  const all = read.map(({ counts }) => counts);
  const values = all.map((counts) => Uint8Array.from([...counts.keys()].filter((value) => counts[value]! > 0)));
  const labels = values.map((data) => ({ shape: [data.length], data }));
  const sets = layout.multiLabel ?? false;
  let names = layout.classes;
  try {
    if (!sets) checkSomeClass(valuesIn(labels));
    if (names.length === 0 && values.length > 0) names = namesFromLabels(labels, ignore);
  } catch (error) {
    problems.push(faultOf(error));
    if (names.length === 0) return [];
  }
  const isStrange = (value: number) => !sets && value >= names.length && value !== ignore;
  const strange = values.flatMap((data) => [...data].filter(isStrange));
  if (strange.length > 0) {
    const list = [...new Set(strange)].sort((a, b) => a - b).join(', ');
    const files = read.filter((_, index) => values[index]!.some(isStrange)).map(({ one }) => one.label as LabelFiles);
    problems.push(
      `labels hold ${list}, which is no class of ${names.length} (${names.join(', ')}) nor ${ignore} for none: ` +
        `${firstFile(files[0]!)}${othersText(files.length)}`,
    );
  }
  const totals = new Float64Array(256);
  for (const counts of all) for (let value = 0; value < 256; value++) totals[value]! += counts[value]!;
  const labelled = totals.reduce((sum, count, value) => sum + (value === ignore ? 0 : count), 0);
  return names.map((name, index) => {
    const holding = (value: number) =>
      (sets && index > 0 ? (value >> (index - 1)) & 1 : value === index) && value !== ignore;
    const cases = values.filter((data) => classCounts([data], names.length, sets)[index]! > 0).length;
    const pixels = totals.reduce((sum, count, value) => sum + (holding(value) ? count : 0), 0);
    return { name, cases, share: labelled > 0 ? pixels / labelled : 0 };
  });
}

function casesByClass({ cases, classes }: Layout): ClassReport[] {
  const largest = Math.max(classes.length - 1, ...cases.map(({ label }) => Number(label)));
  return Array.from({ length: largest + 1 }, (_, index) => {
    const count = cases.filter(({ label }) => label === index).length;
    return { name: classes[index] ?? `class ${index}`, cases: count, share: count / cases.length };
  });
}

function divided(layout: Layout, draw: NonNullable<LabelledExamineOptions['draw']>, problems: string[]): Parts | null {
  try {
    return divide(layout, draw);
  } catch (error) {
    problems.push(faultOf(error));
    return null;
  }
}

function overlapsOf(parts: Parts, contents: ReadonlyMap<string, string | undefined>): Overlap[] {
  const first = new Map<string, readonly [PartName, string]>();
  return partNames.flatMap((part) =>
    parts[part].flatMap(({ id }): Overlap[] => {
      const content = contents.get(id);
      if (content === undefined) return [];
      const known = first.get(content);
      if (!known) first.set(content, [part, id]);
      return known && known[0] !== part ? [{ parts: [known[0], part], cases: [known[1], id] }] : [];
    }),
  );
}

function dividedPatients(parts: Parts): string[] {
  const owners = new Map<string, PartName>();
  const found = new Set<string>();
  for (const part of partNames) {
    for (const { patient } of parts[part]) {
      const other = owners.get(patient);
      if (other !== undefined && other !== part) found.add(patient);
      owners.set(patient, part);
    }
  }
  return [...found];
}
