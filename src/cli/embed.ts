/** `cover embed`: the features of images, one vector per pixel, as arrays and as pictures. */
import { basename, extname, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { embed, type Grid, grids, type Level, levels, openNetwork, readInput } from '../analysis/index.js';
import { InputError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { resizeLinear } from '../image/index.js';
import { loadModel } from '../pretrain/model.js';
import { encodePng, pcaPicture } from '../report/index.js';
import { writeNpy, writeSafetensors } from '../weights/index.js';
import { deviceOption, type EngineFlags, extents, type SizeFlags, scaleOption, threadsOption } from './options.js';

interface Options extends EngineFlags, SizeFlags {
  readonly out: string;
  readonly level: string;
  readonly format: 'npy' | 'safetensors';
  readonly grid: Grid;
  readonly picture: boolean;
}

/** The longer side of a picture of features, at most, in pixels. */
const PICTURE_SIDE = 1024;

export function addEmbed(program: Command): void {
  program
    .command('embed')
    .description('write the features of images: a vector for every pixel')
    .argument('<model>', 'a run folder, a checkpoint, or a file of cover export or import')
    .argument('<images...>', 'PNG, JPEG, TIFF or WebP files')
    .requiredOption('-o, --out <folder>', 'the folder for <image>.npy and <image>.pca.png')
    .addOption(
      new Option('-l, --level <number>', 'decoder level: 4 full resolution … 0 1/16')
        .choices(levels.map(String))
        .default('4'),
    )
    .addOption(new Option('--format <name>', 'of the features').choices(['npy', 'safetensors']).default('npy'))
    .option('--size <height,width>', 'resize to this (default: as in training)', extents)
    .addOption(scaleOption())
    .addOption(
      new Option('--grid <name>', 'pixels of the image, or those the network saw').choices(grids).default('image'),
    )
    .option('--no-picture', 'leave out the picture of the principal components')
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText('after', '\nExample:\n  cover embed runs/xrays scan.png -o features')
    .action(async (path: string, images: string[], options: Options) => {
      const { out, format, grid, size, scale, device, threads } = options;
      const level = Number(options.level) as Level;
      const targets = targetsOf(images, out, format);
      const model = loadModel(path);
      const network = await openNetwork(model, { device, threads });
      try {
        console.log(`model ${model.source}, step ${model.step}; device ${network.device}`);
        for (const [index, image] of images.entries()) {
          const started = performance.now();
          const input = await readInput(image, model.config.data.channels);
          const features = await embed(network, input, { level, grid, size, scale });
          const bytes =
            format === 'npy'
              ? writeNpy(features)
              : writeSafetensors([['features', features]], { image: basename(image) });
          writeFileAtomic(targets[index]!.array, bytes);
          if (options.picture) writeFileAtomic(targets[index]!.picture, await encodePng(pcaPicture(shrunk(features))));
          const seconds = ((performance.now() - started) / 1000).toFixed(1);
          console.log(
            `${index + 1}/${images.length}  ${seconds} s  [${features.shape.join(', ')}]  ${basename(image)}`,
          );
        }
      } finally {
        await network.close();
      }
      const pictures = options.picture ? ' and as many pictures (.pca.png)' : '';
      console.log(`Wrote ${count(images.length, 'file')} (.${format}) of features${pictures} in ${out}`);
    });
}

interface Target {
  readonly array: string;
  readonly picture: string;
}

/** Names by the images' own; two images that would write one file are an error, before anything is computed. */
function targetsOf(images: readonly string[], folder: string, format: string): Target[] {
  const taken = new Map<string, string>();
  return images.map((image) => {
    const name = basename(image, extname(image));
    const other = taken.get(name);
    if (other !== undefined) {
      throw new InputError(
        'file',
        `${other} and ${image} would both be written to ${join(folder, name)}.${format}`,
        'Give them in two calls with two folders.',
      );
    }
    taken.set(name, image);
    const target = { array: join(folder, `${name}.${format}`), picture: join(folder, `${name}.pca.png`) };
    if (images.some((one) => [target.array, target.picture].some((path) => resolve(path) === resolve(one)))) {
      throw new InputError('file', `${folder}: an image would be written over`, 'Choose another folder with --out.');
    }
    return target;
  });
}

/** Features at a size that a picture needs. */
function shrunk(features: Parameters<typeof resizeLinear>[0]): Parameters<typeof resizeLinear>[0] {
  const shape = features.shape.slice(1);
  const scale = PICTURE_SIDE / Math.max(...shape);
  if (scale >= 1) return features;
  return resizeLinear(
    features,
    shape.map((extent) => Math.max(1, Math.round(extent * scale))),
  );
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
