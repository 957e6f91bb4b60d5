/** `cover match`: where points of one image lie in another, and the displacement field between the two. */
import { join } from 'node:path';
import type { Command } from 'commander';
import {
  levels as allLevels,
  type Level,
  matchPoints,
  openNetwork,
  type Point,
  predictField,
  readInput,
} from '../analysis/index.js';
import { InputError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { loadModel } from '../pretrain/model.js';
import { encodePng, fieldPanel, matchPanel } from '../report/index.js';
import { writeNpy } from '../weights/index.js';
import {
  deviceOption,
  type EngineFlags,
  extents,
  levelNumbers,
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
    .argument('<a>', 'the image with the points')
    .argument('<b>', 'the image to search')
    .option('-p, --point <x,y>', 'column,row in A, from 0; repeatable', point)
    .option('--levels <numbers>', 'decoder levels that are compared, such as 3,4', levelNumbers, [...allLevels])
    .option('--field', 'also predict the displacement field that lays A over B')
    .option('-o, --out <folder>', 'where the pictures and arrays go', 'match')
    .option('--size <height,width>', 'resize both to this (default: as in training)', extents)
    .addOption(scaleOption())
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText('after', '\nExample:\n  cover match runs/xrays a.png b.png --point 120,80 --field')
    .action(async (path: string, fileA: string, fileB: string, options: Options) => {
      const { out, point: points = [], levels, size, scale, device, threads } = options;
      if (points.length === 0 && !options.field) {
        throw new InputError('config', 'expected --point x,y or --field, found neither', 'Example: --point 120,80');
      }
      const model = loadModel(path);
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
          const [mean, largest] = lengths(pair.field.data);
          const [height, width] = pair.field.shape.slice(1);
          console.log(
            `field on ${height} x ${width} pixels: mean ${mean.toFixed(2)} px, largest ${largest.toFixed(2)} px`,
          );
          console.log(
            `difference of A and B ${difference(pair.moving.data, pair.fixed.data)}, after warping ${difference(pair.warped.data, pair.fixed.data)}`,
          );
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

function show({ x, y }: Point): string {
  return `${Number(x.toFixed(1))},${Number(y.toFixed(1))}`;
}

/** The mean and the greatest length of the vectors of a field, in pixels. */
function lengths(field: Float32Array): [number, number] {
  const pixels = field.length / 2;
  let [sum, largest] = [0, 0];
  for (let pixel = 0; pixel < pixels; pixel++) {
    const length = Math.hypot(field[pixel]!, field[pixels + pixel]!);
    sum += length;
    largest = Math.max(largest, length);
  }
  return [sum / pixels, largest];
}

/** The mean absolute difference, in shares of the unit range. */
function difference(a: Float32Array, b: Float32Array): string {
  return (a.reduce((sum, value, index) => sum + Math.abs(value - b[index]!), 0) / a.length).toFixed(3);
}
