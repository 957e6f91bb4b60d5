/** Points of one file found in another, and the field between the two, with everything that is written of them. */

import { join } from 'node:path';
import { kindOfFile, kindsOf, onFileGrid, readInput, readVolumeInput, type VolumeInput } from '../data/index.js';
import type { OnWarnings } from '../data/warnings.js';
import { encodePng } from '../image/encode-png.js';
import { writeDisplacementField, writeVolume } from '../image/files.js';
import { type Grid, placeOf, positionOnGrid, resizedGrid, spacingOf } from '../image/index.js';
import { fieldPanel, type MatchMark, matchPanel } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import { keepFiles } from '../system/keep-files.js';
import {
  checkPoint,
  type FieldMeasures,
  fieldMeasures,
  type MatchOptions,
  matchPoints,
  type Network,
  type PairField,
  type Point,
  pointAt,
  positionOf,
  predictField,
} from '../use/index.js';
import { writeNpy } from '../weights/index.js';

interface PairOptions extends MatchOptions {
  /** Told what the readers of the files had to assume. */
  readonly onWarnings?: OnWarnings;
}

export interface MatchFilesOptions extends PairOptions {
  /** In pixels of A; of volumes voxels of its file turned to RAS. */
  readonly points?: readonly Point[];
  /** Also predict the field that lays A over B. */
  readonly field?: boolean;
}

export interface FoundPoint {
  readonly from: Point;
  readonly to: Point;
  readonly similarity: number;
  /** Of volumes: both places in the patient, and the file of the similarity to every voxel of B. */
  readonly millimetres?: { readonly from: readonly number[]; readonly to: readonly number[] };
  readonly map?: string;
}

export interface MatchedFiles {
  readonly matches: readonly FoundPoint[];
  readonly field: FieldMeasures | null;
  /** Names of the files in the folder. */
  readonly written: readonly string[];
}

/**
 * Writes `match.json` and `match.png` of points, and the field as arrays and a picture; of volumes NIfTI files on grids
 * in the patient.
 * @throws InputError where a file cannot be read or written, a point lies outside, or the network predicts no field
 * @example
 * const network = await openNetwork(loadModel('runs/xrays'));
 * const { matches } = await matchFiles(network, 'a.png', 'b.png', 'match', { points: [{ x: 120, y: 80 }] });
 */
export async function matchFiles(
  network: Network,
  a: string,
  b: string,
  folder: string,
  { points = [], field = false, ...options }: MatchFilesOptions = {},
): Promise<MatchedFiles> {
  const kind = kindOfFile(a, kindsOf(network.model.config));
  const names = [...POINTS, ...FIELD[kind], ...points.map((_, index) => mapName(index, points.length))];
  keepFiles(
    [a, b],
    names.map((name) => join(folder, name)),
  );
  const open = kind === 'volumes' ? volumePair : imagePair;
  const pair = await open(network, a, b, folder, options);
  const written: string[] = [];
  let matches: FoundPoint[] = [];
  if (points.length > 0) {
    const found = await pair.match(points);
    matches = found.records;
    const [json, picture] = POINTS;
    writeFileAtomic(join(folder, json), `${JSON.stringify({ a, b, matches }, null, 2)}\n`);
    writeFileAtomic(join(folder, picture), await encodePng(found.panel()));
    written.push(...POINTS, ...matches.flatMap(({ map }) => map ?? []));
  }
  if (!field) return { matches, field: null, written };
  const { size, scale } = options;
  const predicted = await predictField(network, pair.a, pair.b, { size, scale });
  written.push(...(await pair.writeField(predicted)));
  return { matches, field: fieldMeasures(predicted), written };
}

/** Names of what is written: of points, and of a field between images or volumes. */
const POINTS = ['match.json', 'match.png'] as const;
const FIELD = {
  images: ['field.npy', 'warped.npy', 'field.png'],
  volumes: ['field.nii.gz', 'warped.nii.gz'],
} as const;
const mapName = (index: number, count: number) =>
  count === 1 ? 'similarity.nii.gz' : `similarity-${index + 1}.nii.gz`;

interface Matched {
  readonly records: FoundPoint[];
  readonly panel: () => ReturnType<typeof matchPanel>;
}

interface Pair {
  readonly a: VolumeInput['image'];
  readonly b: VolumeInput['image'];
  match(points: readonly Point[]): Promise<Matched>;
  writeField(pair: PairField): Promise<readonly string[]>;
}

async function imagePair(
  network: Network,
  fileA: string,
  fileB: string,
  folder: string,
  options: PairOptions,
): Promise<Pair> {
  const { channels } = network.model.config.data;
  const read = (path: string) => readInput(path, channels, options.onWarnings);
  const [a, b] = [await read(fileA), await read(fileB)];
  return {
    a,
    b,
    async match(points) {
      const found = await matchPoints(network, a, b, points, options);
      const records = found.map(({ from, to, similarity }) => ({ from, to, similarity }));
      return { records, panel: () => matchPanel(a, b, found) };
    },
    async writeField(pair) {
      const [field, warped, picture] = FIELD.images;
      writeFileAtomic(join(folder, field), writeNpy(pair.field));
      writeFileAtomic(join(folder, warped), writeNpy(pair.warped));
      writeFileAtomic(join(folder, picture), await encodePng(fieldPanel(pair)));
      return FIELD.images;
    },
  };
}

async function volumePair(
  network: Network,
  fileA: string,
  fileB: string,
  folder: string,
  options: PairOptions,
): Promise<Pair> {
  const { config } = network.model;
  const read = (path: string) => readVolumeInput(path, config, options.onWarnings);
  const [a, b] = [await read(fileA), await read(fileB)];
  return {
    a: a.image,
    b: b.image,
    async match(points) {
      const { records, marks } = await volumePoints(network, a, b, folder, points, options);
      const spacing = [spacingOf(a.grid), spacingOf(b.grid)] as const;
      return { records, panel: () => matchPanel(a.image, b.image, marks, { spacing }) };
    },
    /**
     * In millimetres (LPS, as ITK and ANTs read it) on the grid of B as the network saw it, and A warped onto that
     * grid.
     */
    async writeField({ field, warped }) {
      const [fieldName, warpedName] = FIELD.volumes;
      const shape = field.shape.slice(1) as unknown as Grid['shape'];
      const [moving, fixed] = [resizedGrid(a.grid, shape), resizedGrid(b.grid, shape)];
      writeDisplacementField(join(folder, fieldName), field.data, fixed, moving);
      const planes = warped.data.slice(0, shape[0] * shape[1] * shape[2]);
      writeVolume(join(folder, warpedName), { ...fixed, data: planes, slope: 1, intercept: 0 });
      return FIELD.volumes;
    },
  };
}

/** Points are voxels [z, y, x] of the files, turned to RAS; the similarity to each is a volume on B's own grid. */
async function volumePoints(
  network: Network,
  a: VolumeInput,
  b: VolumeInput,
  folder: string,
  points: readonly Point[],
  options: MatchOptions,
): Promise<{ records: FoundPoint[]; marks: readonly MatchMark[] }> {
  for (const point of points) checkPoint(point, a.stored.shape);
  const position = (point: Point) => positionOf(point) as [number, number, number];
  const moved = (point: Point, from: Grid, to: Grid) => pointAt(positionOnGrid(position(point), from, to));
  const seen = points.map((point) => moved(point, a.stored, a.grid));
  const marks = await matchPoints(network, a.image, b.image, seen, options);
  const records = marks.map(({ to: found, similarity, map: similarities }, index): FoundPoint => {
    const [from, to] = [points[index]!, moved(found, b.grid, b.stored)];
    const map = mapName(index, points.length);
    writeVolume(join(folder, map), { ...b.file, data: onFileGrid(similarities, b), slope: 1, intercept: 0 });
    const millimetres = { from: placeOf(position(from), a.stored), to: placeOf(position(to), b.stored) };
    return { from, to, similarity, millimetres, map };
  });
  return { records, marks };
}
