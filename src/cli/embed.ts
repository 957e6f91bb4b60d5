/** `cover embed`: the features of images, one vector per pixel, as arrays and as pictures. */
import { basename, join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { stemOf } from '../data/index.js';
import { writeColours } from '../image/files.js';
import { resizeLinear } from '../image/index.js';
import { openNetwork } from '../node/index.js';
import { loadModel } from '../node/models.js';
import { encodePng, pcaColours, pcaPicture } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import {
  type EmbedOptions,
  embed,
  type Grid,
  grids,
  type Level,
  levels,
  type Network,
  onFileGrid,
  readInput,
  readVolumeInput,
} from '../use/index.js';
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
    .argument('<images...>', 'images, or volumes for a network of volumes')
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
      const model = loadModel(path);
      const pictureFormat = model.cover.dims === 3 ? 'nii.gz' : 'png';
      const targets = targetsOf(images, out, format, pictureFormat);
      const network = await openNetwork(model, { device, threads });
      try {
        console.log(`model ${model.source}, step ${model.step}; device ${network.device}`);
        for (const [index, image] of images.entries()) {
          const started = performance.now();
          const picture = options.picture ? targets[index]!.picture : undefined;
          const make = model.cover.dims === 3 ? volumeFeatures : imageFeatures;
          const features = await make(network, image, { level, grid, size, scale }, picture);
          const bytes =
            format === 'npy'
              ? writeNpy(features)
              : writeSafetensors([['features', features]], { image: basename(image) });
          writeFileAtomic(targets[index]!.array, bytes);
          const seconds = ((performance.now() - started) / 1000).toFixed(1);
          console.log(
            `${index + 1}/${images.length}  ${seconds} s  [${features.shape.join(', ')}]  ${basename(image)}`,
          );
        }
      } finally {
        await network.close();
      }
      const pictures =
        options.picture && (model.cover.dims === 2 || (level === 4 && grid === 'image'))
          ? ` and as many pictures (.pca.${pictureFormat})`
          : '';
      console.log(`Wrote ${count(images.length, 'file')} (.${format}) of features${pictures} in ${out}`);
    });
}

/** The features of an image file, and their picture. */
async function imageFeatures(network: Network, path: string, options: EmbedOptions, picture?: string): Promise<Tensor> {
  const input = await readInput(path, network.model.config.data.channels);
  const features = await embed(network, input, options);
  if (picture) writeFileAtomic(picture, await encodePng(pcaPicture(shrunk(features))));
  return features;
}

/**
 * The features of a volume and their picture, a NIfTI file of colours: on the grid of the file, or (`--grid network`, deeper
 * levels) as [F, z, y, x] in RAS without a picture.
 */
async function volumeFeatures(
  network: Network,
  path: string,
  options: EmbedOptions,
  picture?: string,
): Promise<Tensor> {
  const input = await readVolumeInput(path, network.model.config);
  const features = await embed(network, input.image, options);
  if (options.level !== 4 || options.grid === 'network') return features;
  const placed = tensor([features.shape[0]!, ...input.file.shape], onFileGrid(features, input));
  if (picture) writeColours(picture, pcaColours(placed).data, input.file);
  return placed;
}

interface Target {
  readonly array: string;
  readonly picture: string;
}

/** Names by the images' own; two images that would write one file are an error, before anything is computed. */
function targetsOf(images: readonly string[], folder: string, format: string, pictureFormat: string): Target[] {
  const taken = new Map<string, string>();
  return images.map((image) => {
    const name = stemOf(image);
    const other = taken.get(name);
    if (other !== undefined) {
      throw new InputError(
        'file',
        `${other} and ${image} would both be written to ${join(folder, name)}.${format}`,
        'Give them in two calls with two folders.',
      );
    }
    taken.set(name, image);
    const target = { array: join(folder, `${name}.${format}`), picture: join(folder, `${name}.pca.${pictureFormat}`) };
    if (images.some((one) => [target.array, target.picture].some((path) => resolve(path) === resolve(one)))) {
      throw new InputError('file', `${folder}: an image would be written over`, 'Choose another folder with --out.');
    }
    return target;
  });
}

/** Features at a size that a picture needs. */
function shrunk(features: Tensor): Tensor {
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
