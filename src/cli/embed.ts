/** `cover embed`: the features of images, one vector per pixel, as arrays and as pictures. */
import { basename, join } from 'node:path';
import { type Command, Option } from 'commander';
import { counted } from '../core/counted.js';
import { printable } from '../core/printable.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { kindsOf, onFileGrid, readInput, readVolumeInput } from '../data/index.js';
import type { OnWarnings } from '../data/warnings.js';
import { encodePng } from '../image/encode-png.js';
import { writeColours } from '../image/files.js';
import { resizeLinear } from '../image/index.js';
import { openNetwork } from '../node/index.js';
import { loadModel } from '../node/models.js';
import { pcaColours, pcaPicture } from '../report/index.js';
import { checkFolder, writeFileAtomic } from '../system/files.js';
import { keepFiles } from '../system/keep-files.js';
import { type EmbedOptions, embed, type Grid, grids, type Level, levels, type Network } from '../use/index.js';
import { writeNpy, writeSafetensors } from '../weights/index.js';
import { type CheckpointFlags, checkpointOption, chosenOf } from './checkpoint-option.js';
import { createFailures, withStrict } from './failures.js';
import { type InputFile, inputFiles } from './input-files.js';
import { warningsTo } from './input-warnings.js';
import { type EngineFlags, extents, type SizeFlags, scaleOption, withEngine } from './options.js';
import { createOutput, type Output, type OutputFlags, withOutput } from './output.js';

interface Options extends EngineFlags, SizeFlags, OutputFlags, CheckpointFlags {
  readonly out: string;
  readonly level: string;
  readonly format: 'npy' | 'safetensors';
  readonly grid: Grid;
  readonly picture: boolean;
  readonly strict?: boolean;
}

/** The longer side of a picture of features, at most, in pixels. */
const PICTURE_SIDE = 1024;

export function addEmbed(program: Command): void {
  const command = program
    .command('embed')
    .description('write the features of images: a vector for every pixel')
    .argument('<model>', 'a run folder, a checkpoint, or a file of cover export or import')
    .argument('<images...>', 'images, or volumes for a network of volumes or of slices, or folders of them')
    .requiredOption('-o, --out <folder>', 'the folder for <image>.npy and <image>.pca.png')
    .addOption(checkpointOption())
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
    .option('--no-picture', 'leave out the picture of the principal components');
  withOutput(withStrict(withEngine(command)))
    .addHelpText('after', '\nExample:\n  cover embed runs/xrays scan.png -o features')
    .action(async (path: string, images: string[], options: Options) => {
      const output = createOutput(options);
      checkFolder(options.out);
      const model = loadModel(path, chosenOf(path, options));
      const targets = targetsOf(inputFiles(images, kindsOf(model.config)), options);
      keepFiles(
        targets.map(({ path }) => path),
        targets.flatMap(({ array, picture = [] }) => [array, picture].flat()),
      );
      const network = await openNetwork(model, options);
      try {
        await embedFiles(network, targets, options, output);
      } finally {
        await network.close();
      }
    });
}

async function embedFiles(
  network: Network,
  targets: readonly Target[],
  options: Options,
  output: Output,
): Promise<void> {
  const { model, device } = network;
  const { out, format, grid, size, scale, strict } = options;
  const level = Number(options.level) as Level;
  const failures = createFailures(output, strict);
  const done: object[] = [];
  output.line(`model ${model.source}, step ${model.step}; device ${device}`);
  for (const [index, { path, kind, array, picture }] of targets.entries()) {
    const started = performance.now();
    const features = await failures.attempt(path, async () => {
      const wanted = { level, grid, size, scale, onWarnings: warningsTo(output) };
      const make = kind === 'volumes' ? volumeFeatures : imageFeatures;
      const found = await make(network, path, wanted, picture);
      const bytes =
        format === 'npy' ? writeNpy(found) : writeSafetensors([['features', found]], { image: basename(path) });
      writeFileAtomic(array, bytes);
      return found;
    });
    if (!features) continue;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const shape = `[${features.shape.join(', ')}]`;
    output.line(`${index + 1}/${targets.length}  ${seconds} s  ${shape}  ${printable(basename(path))}`);
    done.push({ file: path, features: array, shape: features.shape, ...(picture ? { picture } : {}) });
  }
  if (done.length > 0) {
    const endings = [...new Set(targets.flatMap(({ picture }) => picture?.slice(picture.indexOf('.pca.')) ?? []))];
    const pictures = endings.length > 0 ? ` and as many pictures (${endings.join(', ')})` : '';
    output.line(`Wrote ${counted(done.length, 'file')} (.${format}) of features${pictures} in ${out}`);
  }
  failures.finish(targets.length);
  output.result({ model: model.source, step: model.step, device, level, images: done, failures: failures.list });
}

interface Wanted extends EmbedOptions {
  readonly onWarnings: OnWarnings;
}

/** The features of an image file, and their picture. */
async function imageFeatures(network: Network, path: string, options: Wanted, picture?: string): Promise<Tensor> {
  const input = await readInput(path, network.model.config.data.channels, options.onWarnings);
  const features = await embed(network, input, options);
  if (picture) writeFileAtomic(picture, await encodePng(pcaPicture(shrunk(features))));
  return features;
}

/**
 * The features of a volume and their picture, a NIfTI file of colours: on the grid of the file, or (`--grid network`,
 * deeper levels) as [F, z, y, x] in RAS without a picture.
 */
async function volumeFeatures(network: Network, path: string, options: Wanted, picture?: string): Promise<Tensor> {
  const input = await readVolumeInput(path, network.model.config, options.onWarnings);
  const features = await embed(network, input.image, options);
  if (options.level !== 4 || options.grid === 'network') return features;
  const placed = tensor([features.shape[0]!, ...input.file.shape], onFileGrid(features, input));
  if (picture) writeColours(picture, pcaColours(placed).data, input.file);
  return placed;
}

interface Target extends InputFile {
  readonly array: string;
  /** Not where none is asked for, nor of what lies on another grid than that of a volume. */
  readonly picture?: string;
}

/** What is written of each image. */
function targetsOf(files: readonly InputFile[], { out, format, picture, level, grid }: Options): Target[] {
  return files.map((file) => {
    const at = (ending: string) => join(out, `${file.name}.${ending}`);
    const pictured = picture && (file.kind === 'images' || (level === '4' && grid === 'image'));
    const ending = file.kind === 'volumes' ? 'pca.nii.gz' : 'pca.png';
    return { ...file, array: at(format), ...(pictured ? { picture: at(ending) } : {}) };
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
