/** `cover segment`: label maps, and pictures of them, by a fine-tuned network. */
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { type CaseInput, readCaseInput } from '../data/labelled/index.js';
import { classCounts, maskOf } from '../data/labelled/label-sets.js';
import { writeLabels, writePng, writeVectors } from '../image/files.js';
import { canonicalGrid, spacingOf, turnData, turnToCanonical } from '../image/index.js';
import { DENSITY, encodePng, labelFocus, labelPlanes, montage, type Picture } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import { type Segmentation, segment } from '../use/segmentation/segment.js';
import { writeNpy } from '../weights/index.js';
import { inputFiles } from './input-files.js';
import { openAnySegmenter } from './open-finetuned.js';
import { deviceOption, type EngineFlags, threadsOption } from './options.js';

interface Options extends EngineFlags {
  readonly out: string;
  readonly flips?: boolean;
  readonly probabilities?: boolean;
  readonly overlay: boolean;
}

/** The longer side of an overlay picture, at most, in pixels. */
const OVERLAY_SIDE = 1024;
/** The longer side of each plane of a volume. */
const PLANE_SIDE = 400 * DENSITY;

export function addSegment(program: Command): void {
  program
    .command('segment')
    .description('write the classes of every pixel of images, or every voxel of volumes')
    .argument('<model>', 'a fine-tuned run folder, its checkpoint, or a file of cover export')
    .argument('<images...>', 'images, volumes, or folders of them')
    .requiredOption(
      '-o, --out <folder>',
      'the folder for <image>.png or .nii.gz (of classes that overlap <class>/<image>.*), and overlays',
    )
    .option('--flips', 'mean over mirrored copies, along the axes that the training mirrored')
    .option('--probabilities', 'also write <image>.npy, [classes, height, width], or .probabilities.nii.gz')
    .option('--no-overlay', 'leave out the pictures')
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  cover segment runs/lungs scan.png -o masks\n  cover segment runs/hc scans/ -o masks    volumes, as NIfTI on their own grids',
    )
    .action(async (path: string, images: string[], options: Options) => {
      const { out, flips = false, probabilities = false, device, threads } = options;
      const segmenter = await openAnySegmenter(path, { device, threads });
      try {
        const { source, classes } = segmenter;
        const files = inputFiles(images, segmenter.window.length);
        console.log(`model ${source}; device ${segmenter.device}`);
        console.log(`classes ${classes.map((name, index) => `${index} ${name}`).join(', ')}`);
        for (const [index, file] of files.entries()) {
          const started = performance.now();
          const input = await readCaseInput(file.path, segmenter);
          const found = await segment(segmenter, input, { flips, probabilities });
          await write(out, file.name, input, found, { ...options, classes });
          const seconds = ((performance.now() - started) / 1000).toFixed(1);
          console.log(
            `${index + 1}/${files.length}  ${seconds} s  ${shares(found.labels, classes)}  ${basename(file.path)}`,
          );
        }
        console.log(`Wrote ${files.length} label ${segmenter.window.length === 3 ? 'maps' : 'images'} in ${out}`);
      } finally {
        await segmenter.close();
      }
    });
}

interface Wanted extends Pick<Options, 'overlay'> {
  readonly classes: readonly string[];
}

/** An image as PNG, a volume as NIfTI on the grid of its file: one label map, or of classes that overlap a mask in a folder for each. */
async function write(
  out: string,
  name: string,
  input: CaseInput,
  { labels, probabilities }: Segmentation,
  options: Wanted,
): Promise<void> {
  const target = join(out, name);
  const volume = 'image' in input;
  const save = async (path: string, data: Uint8Array) => {
    if (volume) return writeLabels(`${path}.nii.gz`, data, input.file);
    const [height, width] = labels.shape as [number, number];
    return writePng(`${path}.png`, { height, width, channels: 1, data });
  };
  if (labels.sets) {
    for (const [index, folder] of options.classes.slice(1).entries()) {
      await save(join(out, folder, name), maskOf(labels.data, index + 1, volume ? 1 : 255));
    }
  } else await save(target, labels.data);
  if (probabilities && volume) writeVectors(`${target}.probabilities.nii.gz`, probabilities.data, input.file);
  else if (probabilities) writeFileAtomic(`${target}.npy`, writeNpy(probabilities));
  if (options.overlay) writeFileAtomic(`${target}.overlay.png`, await encodePng(overlay(input, labels)));
}

/** Classes over the image, of a volume in three planes. */
function overlay(input: CaseInput, labels: Segmentation['labels']): Picture {
  if (!('image' in input)) {
    const side = Math.min(OVERLAY_SIDE, Math.max(...labels.shape));
    return labelPlanes(input, labels, labels.shape, labels.shape, { side })[0]![1];
  }
  const { file, image } = input;
  const grid = canonicalGrid(file);
  const map = { ...labels, shape: grid.shape, data: turnData(labels.data, file.shape, turnToCanonical(file.affine)) };
  const options = { side: PLANE_SIDE, spacing: spacingOf(grid) };
  return montage(labelPlanes(image, map, labelFocus(map), grid.shape, options), { columns: 3 });
}

/** The share of every class but the background. */
function shares({ data, sets }: Segmentation['labels'], classes: readonly string[]): string {
  return classCounts([data], classes.length, sets)
    .slice(1)
    .map((count, index) => `${index + 1}: ${((100 * count) / data.length).toFixed(1)} %`)
    .join('  ');
}
