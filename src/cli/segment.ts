/** `cover segment`: label images, and pictures of them, by a fine-tuned network. */
import { basename, extname, join } from 'node:path';
import type { Command } from 'commander';
import { InputError } from '../core/errors.js';
import { writeFileAtomic } from '../core/files.js';
import { readCaseImage, segment } from '../downstream/index.js';
import { writePng } from '../image/index.js';
import { encodePng, labelOverlay } from '../report/index.js';
import { writeNpy } from '../weights/index.js';
import { openAnySegmenter } from './open-segmenter.js';
import { deviceOption, type EngineFlags, threadsOption } from './options.js';

interface Options extends EngineFlags {
  readonly out: string;
  readonly flips?: boolean;
  readonly probabilities?: boolean;
  readonly overlay: boolean;
}

/** The longer side of an overlay picture, at most, in pixels. */
const OVERLAY_SIDE = 1024;

export function addSegment(program: Command): void {
  program
    .command('segment')
    .description('write the classes of every pixel of images')
    .argument('<model>', 'a fine-tuned run folder, its checkpoint, or a file of cover export')
    .argument('<images...>', 'PNG, JPEG, TIFF or WebP files')
    .requiredOption('-o, --out <folder>', 'the folder for <image>.png and <image>.overlay.png')
    .option('--flips', 'mean over mirrored copies, along the axes that the training mirrored')
    .option('--probabilities', 'also write <image>.npy, [classes, height, width]')
    .option('--no-overlay', 'leave out the pictures')
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText('after', '\nExample:\n  cover segment runs/lungs scan.png -o masks')
    .action(async (path: string, images: string[], options: Options) => {
      const { out, flips = false, device, threads } = options;
      const names = namesOf(images);
      const segmenter = await openAnySegmenter(path, { device, threads });
      try {
        const { source, classes, channels } = segmenter;
        console.log(`model ${source}; device ${segmenter.device}`);
        console.log(`classes ${classes.map((name, index) => `${index} ${name}`).join(', ')}`);
        for (const [index, file] of images.entries()) {
          const started = performance.now();
          const image = await readCaseImage(file, channels);
          const { labels, probabilities } = await segment(segmenter, image, { flips });
          const [height, width] = labels.shape as [number, number];
          const target = join(out, names[index]!);
          await writePng(`${target}.png`, { height, width, channels: 1, data: labels.data });
          if (options.probabilities) writeFileAtomic(`${target}.npy`, writeNpy(probabilities));
          if (options.overlay) {
            const side = Math.min(OVERLAY_SIDE, Math.max(height, width));
            writeFileAtomic(`${target}.overlay.png`, await encodePng(labelOverlay(image, labels, { side })));
          }
          const seconds = ((performance.now() - started) / 1000).toFixed(1);
          console.log(
            `${index + 1}/${images.length}  ${seconds} s  ${shares(labels.data, classes)}  ${basename(file)}`,
          );
        }
      } finally {
        await segmenter.close();
      }
      console.log(`Wrote ${images.length} label images in ${out}`);
    });
}

/** Names by the images' own; two images that would write one file are an error, before anything is computed. */
function namesOf(images: readonly string[]): string[] {
  const taken = new Map<string, string>();
  return images.map((image) => {
    const name = basename(image, extname(image));
    const other = taken.get(name);
    if (other !== undefined) {
      throw new InputError('file', `${image} and ${other} would both be written as ${name}.png`, 'Use two folders.');
    }
    taken.set(name, image);
    return name;
  });
}

/** The share of every class but the background. */
function shares(labels: Uint8Array, classes: readonly string[]): string {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  return counts
    .slice(1)
    .map((count, index) => `${index + 1}: ${((100 * count) / labels.length).toFixed(1)} %`)
    .join('  ');
}
