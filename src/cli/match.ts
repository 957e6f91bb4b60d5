/** `cover match`: where points of one image lie in another, and the displacement field between the two. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { writeDisplacementField, writeVolume } from '../image/files.js';
import { type Grid, placeOf, positionOnGrid, resizedGrid, spacingOf } from '../image/index.js';
import { openNetwork } from '../node/index.js';
import { loadModel } from '../node/models.js';
import { encodePng, fieldPanel, matchPanel } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import {
  levels as allLevels,
  checkPoint,
  type Level,
  matchPoints,
  type Network,
  onFileGrid,
  type PairField,
  type Point,
  pointAt,
  positionOf,
  predictField,
  readInput,
  readVolumeInput,
  requireField,
  type VolumeInput,
} from '../use/index.js';
import { writeNpy } from '../weights/index.js';
import {
  deviceOption,
  type EngineFlags,
  levelNumbers,
  pairSizeOption,
  point,
  type SizeFlags,
  scaleOption,
  threadsOption,
} from './options.js';

interface Options extends EngineFlags, SizeFlags {
  readonly out: string;
  readonly point?: readonly Point[];
  readonly levels: readonly Level[];
  readonly field?: boolean;
}

export function addMatch(program: Command): void {
  program
    .command('match')
    .description('find points of image A in image B by their features')
    .argument('<model>', 'a run folder, a checkpoint, or a file of cover export or import')
    .argument('<a>', 'the image (or volume) with the points')
    .argument('<b>', 'the image to search')
    .option('-p, --point <x,y>', 'column,row in A; voxel z,y,x of a volume; from 0; repeatable', point)
    .option('--levels <numbers>', 'decoder levels that are compared, such as 3,4', levelNumbers, [...allLevels])
    .option('--field', 'also predict the displacement field that lays A over B')
    .option('-o, --out <folder>', 'where the pictures and arrays go', 'match')
    .addOption(pairSizeOption())
    .addOption(scaleOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  cover match runs/xrays a.png b.png --point 120,80 --field\n  cover match runs/ct a.nii.gz b.nii.gz --point 20,31,17',
    )
    .action(async (path: string, fileA: string, fileB: string, options: Options) => {
      const { out, point: points = [], levels, size, scale, device, threads } = options;
      if (points.length === 0 && !options.field) {
        throw new InputError('config', 'expected --point or --field, found neither', 'Example: --point 120,80');
      }
      const model = loadModel(path);
      if (options.field) requireField(model);
      if (model.cover.dims === 3) {
        const network = await openNetwork(model, { device, threads });
        try {
          console.log(`model ${model.source}, step ${model.step}; device ${network.device}`);
          await matchVolumes(network, fileA, fileB, options);
        } finally {
          await network.close();
        }
        return;
      }
      const { channels } = model.config.data;
      const [a, b] = [await readInput(fileA, channels), await readInput(fileB, channels)];
      const network = await openNetwork(model, { device, threads });
      const written: string[] = [];
      const write = (name: string, bytes: Uint8Array | string) => {
        writeFileAtomic(join(out, name), bytes);
        written.push(name);
      };
      try {
        console.log(`model ${model.source}, step ${model.step}; device ${network.device}`);
        if (points.length) {
          const matches = await matchPoints(network, a, b, points, { levels, size, scale });
          for (const { from, to, similarity } of matches) {
            console.log(`A ${show(from)}  ->  B ${show(to)}   similarity ${similarity.toFixed(3)}`);
          }
          const records = matches.map(({ from, to, similarity }) => ({ from, to, similarity }));
          write('match.json', `${JSON.stringify({ a: fileA, b: fileB, matches: records }, null, 2)}\n`);
          write('match.png', await encodePng(matchPanel(a, b, matches)));
        }
        if (options.field) {
          const pair = await predictField(network, a, b, { size, scale });
          printField(pair);
          write('field.npy', writeNpy(pair.field));
          write('warped.npy', writeNpy(pair.warped));
          write('field.png', await encodePng(fieldPanel(pair)));
        }
      } finally {
        await network.close();
      }
      console.log(`Wrote ${written.join(', ')} in ${out}`);
    });
}

/** The points of A in B, and the field from B to A: what is written lies on grids in the patient. */
async function matchVolumes(network: Network, fileA: string, fileB: string, options: Options): Promise<void> {
  const { config } = network.model;
  const [a, b] = [await readVolumeInput(fileA, config), await readVolumeInput(fileB, config)];
  const written = [
    ...(options.point ? await writePoints(network, fileA, fileB, a, b, options.point, options) : []),
    ...(options.field ? await writeField(network, a, b, options) : []),
  ];
  console.log(`Wrote ${written.join(', ')} in ${options.out}`);
}

/** Points are voxels [z, y, x] of the files, turned to RAS; the similarity to each is a volume on B's own grid. */
async function writePoints(
  network: Network,
  fileA: string,
  fileB: string,
  a: VolumeInput,
  b: VolumeInput,
  points: readonly Point[],
  { levels, size, scale, out }: Options,
): Promise<string[]> {
  for (const point of points) checkPoint(point, a.stored.shape);
  const moved = (point: Point, from: Grid, to: Grid) =>
    pointAt(positionOnGrid(positionOf(point) as [number, number, number], from, to));
  const place = (point: Point, grid: Grid) => placeOf(positionOf(point) as [number, number, number], grid);
  const seen = points.map((point) => moved(point, a.stored, a.grid));
  const matches = await matchPoints(network, a.image, b.image, seen, { levels, size, scale });
  const names = ['match.json', 'match.png'];
  const records = matches.map(({ to: found, similarity, map }, index) => {
    const [from, to] = [points[index]!, moved(found, b.grid, b.stored)];
    console.log(`A ${show(from)}  ->  B ${show(to)}   similarity ${similarity.toFixed(3)}`);
    const name = points.length === 1 ? 'similarity.nii.gz' : `similarity-${index + 1}.nii.gz`;
    writeVolume(join(out, name), { ...b.file, data: onFileGrid(map, b), slope: 1, intercept: 0 });
    names.push(name);
    const millimetres = { from: place(from, a.stored), to: place(to, b.stored) };
    return { from, to, similarity, millimetres, map: name };
  });
  writeFileAtomic(join(out, 'match.json'), `${JSON.stringify({ a: fileA, b: fileB, matches: records }, null, 2)}\n`);
  const spacing = [spacingOf(a.grid), spacingOf(b.grid)] as const;
  writeFileAtomic(join(out, 'match.png'), await encodePng(matchPanel(a.image, b.image, matches, { spacing })));
  return names;
}

/**
 * Writes the field between two volumes in millimetres (LPS, as ITK and ANTs read it) on the grid of B as the network saw it,
 * and A warped onto that grid.
 */
async function writeField(network: Network, a: VolumeInput, b: VolumeInput, options: Options): Promise<string[]> {
  const { size, scale, out } = options;
  const pair = await predictField(network, a.image, b.image, { size, scale });
  printField(pair);
  const shape = pair.field.shape.slice(1) as unknown as Grid['shape'];
  const [moving, fixed] = [resizedGrid(a.grid, shape), resizedGrid(b.grid, shape)];
  writeDisplacementField(join(out, 'field.nii.gz'), pair.field.data, fixed, moving);
  const planes = pair.warped.data.slice(0, shape[0] * shape[1] * shape[2]);
  writeVolume(join(out, 'warped.nii.gz'), { ...fixed, data: planes, slope: 1, intercept: 0 });
  return ['field.nii.gz', 'warped.nii.gz'];
}

function printField({ field, moving, fixed, warped }: PairField): void {
  const [mean, largest] = lengths(field);
  const extents = field.shape.slice(1).join(' x ');
  const before = difference(moving.data, fixed.data);
  console.log(`field on ${extents} pixels: mean ${mean.toFixed(2)} px, largest ${largest.toFixed(2)} px`);
  console.log(`difference of A and B ${before}, after warping ${difference(warped.data, fixed.data)}`);
}

/** `x,y`, or `z,y,x` of a volume. */
function show({ x, y, z }: Point): string {
  return (z === undefined ? [x, y] : [z, y, x]).map((value) => Number(value.toFixed(1))).join(',');
}

/** The mean and the greatest length of the vectors of a field, in pixels. */
function lengths({ shape, data }: Tensor): [number, number] {
  const pixels = data.length / shape[0]!;
  let [sum, largest] = [0, 0];
  for (let pixel = 0; pixel < pixels; pixel++) {
    let square = 0;
    for (let at = pixel; at < data.length; at += pixels) square += data[at]! ** 2;
    const length = Math.sqrt(square);
    sum += length;
    largest = Math.max(largest, length);
  }
  return [sum / pixels, largest];
}

/** The mean absolute difference, in shares of the unit range. */
function difference(a: Float32Array, b: Float32Array): string {
  return (a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length).toFixed(3);
}
