/** `cover segment`: label maps, and pictures of them, by a fine-tuned network, or by a pretrained one and an atlas. */
import { basename, join } from 'node:path';
import type { Command } from 'commander';
import { counted } from '../core/counted.js';
import { classCounts, maskOf } from '../core/label-sets.js';
import { printable } from '../core/printable.js';
import { kindsOfAxes } from '../data/index.js';
import { type CaseInput, readCaseInput } from '../data/labelled/index.js';
import { encodePng } from '../image/encode-png.js';
import { writeLabels, writePng, writeVectors } from '../image/files.js';
import { canonicalGrid, spacingOf, turnData, turnToCanonical } from '../image/index.js';
import { DENSITY, labelFocus, labelPlanes, montage, type Picture } from '../report/index.js';
import { checkFolder, writeFileAtomic } from '../system/files.js';
import { keepFiles } from '../system/keep-files.js';
import { type Segmentation, type Segmenter, segment } from '../use/segmentation/segment.js';
import { writeNpy } from '../weights/index.js';
import { type AtlasFlags, atlasLine, atlasOf, withAtlas } from './atlas-option.js';
import { type CheckpointFlags, checkpointOption } from './checkpoint-option.js';
import { createFailures, withStrict } from './failures.js';
import { type InputFile, inputFiles } from './input-files.js';
import { warningsTo } from './input-warnings.js';
import { type IslandFlags, islandLines, islandNames, withIslands } from './islands-option.js';
import { openAnySegmenter } from './open-finetuned.js';
import { type EngineFlags, withEngine } from './options.js';
import { createOutput, type Output, type OutputFlags, withOutput } from './output.js';

interface Options extends EngineFlags, OutputFlags, CheckpointFlags, AtlasFlags, IslandFlags {
  readonly out: string;
  readonly flips?: boolean;
  readonly probabilities?: boolean;
  readonly overlay: boolean;
  readonly strict?: boolean;
}

/** The longer side of an overlay picture, at most, in pixels. */
const OVERLAY_SIDE = 1024;
/** The longer side of each plane of a volume. */
const PLANE_SIDE = 400 * DENSITY;

export function addSegment(program: Command): void {
  const command = program
    .command('segment')
    .description('write the classes of every pixel of images, or every voxel of volumes')
    .argument(
      '<model>',
      'a fine-tuned run folder, its checkpoint, or a file of cover export; beside --atlas a pretrained one',
    )
    .argument('<images...>', 'images, volumes, or folders of them')
    .requiredOption(
      '-o, --out <folder>',
      'the folder for <image>.png or .nii.gz (of classes that overlap <class>/<image>.*), and overlays',
    )
    .addOption(checkpointOption())
    .option('--flips', 'mean over mirrored copies, along the axes that the training mirrored')
    .option('--probabilities', 'also write <image>.npy, [classes, height, width], or .probabilities.nii.gz')
    .option('--no-overlay', 'leave out the pictures');
  withOutput(withStrict(withEngine(withAtlas(withIslands(command)))))
    .addHelpText(
      'after',
      '\nExamples:\n  cover segment runs/lungs scan.png -o masks\n  cover segment runs/hc scans/ -o masks    volumes, as NIfTI on their own grids\n  cover segment runs/xrays xrays/ -o masks --atlas lungs --cases 1',
    )
    .action(async (path: string, images: string[], options: Options) => {
      const output = createOutput(options);
      checkFolder(options.out);
      const atlas = await atlasOf(path, options, warningsTo(output));
      const segmenter = atlas?.segmenter ?? (await openAnySegmenter(path, options));
      try {
        const files = inputFiles(images, kindsOfAxes(segmenter.window.length));
        keepFiles(
          files.map(({ path }) => path),
          files.flatMap(({ name }) => everyPath(placesOf(options.out, name, segmenter.window.length === 3), segmenter)),
        );
        if (atlas) output.line(atlasLine(options.atlas!, atlas.labelled));
        await segmentFiles(segmenter, files, options, output);
      } finally {
        await segmenter.close();
      }
    });
}

async function segmentFiles(
  segmenter: Segmenter,
  files: readonly InputFile[],
  options: Options,
  output: Output,
): Promise<void> {
  const { source, classes, device } = segmenter;
  const { out, flips = false, keepIslands = false, probabilities = false, strict } = options;
  const failures = createFailures(output, strict);
  const done: object[] = [];
  output.line(`model ${source}; device ${device}`);
  output.line(`classes ${classes.map((name, index) => `${index} ${name}`).join(', ')}`);
  for (const line of islandLines(islandNames(segmenter, options))) output.line(line);
  for (const [index, file] of files.entries()) {
    const started = performance.now();
    const [name, place] = [printable(basename(file.path)), `${index + 1}/${files.length}`];
    const found = await failures.attempt(file.path, async () => {
      const input = await readCaseInput(file.path, segmenter, warningsTo(output));
      const onPlanes = (planes: number, total: number) =>
        output.progress.update(`${place}  ${Math.round((100 * planes) / total)} %  ${name}`, false);
      const result = await segment(segmenter, input, { flips, keepIslands, probabilities, onPlanes });
      const written = await write(out, file.name, input, result, { ...options, classes });
      return { labels: result.labels, written };
    });
    if (!found) continue;
    const shares = sharesOf(found.labels, classes);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    output.line(`${place}  ${seconds} s  ${sharesText(shares)}  ${name}`);
    const byClass = Object.fromEntries(classes.slice(1).map((title, at) => [title, shares[at]]));
    done.push({ file: file.path, written: found.written, shape: found.labels.shape, shares: byClass });
  }
  if (done.length > 0) {
    output.line(`Wrote ${counted(done.length, `label ${segmenter.window.length === 3 ? 'map' : 'image'}`)} in ${out}`);
  }
  failures.finish(files.length);
  output.result({
    model: source,
    device,
    classes,
    removeIslands: islandNames(segmenter, options),
    images: done,
    failures: failures.list,
  });
}

interface Wanted extends Pick<Options, 'overlay'> {
  readonly classes: readonly string[];
}

/** Where the results of an image go. */
function placesOf(out: string, name: string, volume: boolean) {
  const target = join(out, name);
  const ending = volume ? '.nii.gz' : '.png';
  return {
    labels: target + ending,
    maskOf: (title: string) => join(out, title, name) + ending,
    probabilities: volume ? `${target}.probabilities.nii.gz` : `${target}.npy`,
    overlay: `${target}.overlay.png`,
  };
}

function everyPath({ maskOf, ...paths }: ReturnType<typeof placesOf>, { classes, multiLabel }: Segmenter): string[] {
  return [...Object.values(paths), ...(multiLabel ? classes.slice(1).map(maskOf) : [])];
}

/**
 * An image as PNG, a volume as NIfTI on the grid of its file: one label map, or of classes that overlap a mask in a
 * folder for each.
 */
async function write(
  out: string,
  name: string,
  input: CaseInput,
  { labels, probabilities }: Segmentation,
  options: Wanted,
): Promise<string[]> {
  const volume = 'image' in input;
  const places = placesOf(out, name, volume);
  const written: string[] = [];
  const save = async (path: string, data: Uint8Array) => {
    written.push(path);
    if (volume) return writeLabels(path, data, input.file);
    const [height, width] = labels.shape as [number, number];
    return writePng(path, { height, width, channels: 1, data });
  };
  if (labels.sets) {
    for (const [index, title] of options.classes.slice(1).entries()) {
      await save(places.maskOf(title), maskOf(labels.data, index + 1, volume ? 1 : 255));
    }
  } else await save(places.labels, labels.data);
  if (probabilities) {
    const path = places.probabilities;
    if (volume) writeVectors(path, probabilities.data, input.file);
    else writeFileAtomic(path, writeNpy(probabilities));
    written.push(path);
  }
  if (options.overlay) {
    writeFileAtomic(places.overlay, await encodePng(overlay(input, labels)));
    written.push(places.overlay);
  }
  return written;
}

/** Classes over the image, of a volume in three planes. */
function overlay(input: CaseInput, labels: Segmentation['labels']): Picture {
  if (!('image' in input)) {
    const side = Math.min(OVERLAY_SIDE, Math.max(...labels.shape));
    return labelPlanes(input, [labels], labels.shape, labels.shape, { side })[0]![1][0]!;
  }
  const { file, image } = input;
  const grid = canonicalGrid(file);
  const map = { ...labels, shape: grid.shape, data: turnData(labels.data, file.shape, turnToCanonical(file.affine)) };
  const options = { side: PLANE_SIDE, spacing: spacingOf(grid) };
  const planes = labelPlanes(image, [map], labelFocus(map), grid.shape, options);
  return montage(
    planes.map(([name, [cell]]) => [name, cell!]),
    { columns: 3 },
  );
}

/** The share of every class but the background. */
function sharesOf({ data, sets }: Segmentation['labels'], classes: readonly string[]): number[] {
  return classCounts([data], classes.length, sets)
    .slice(1)
    .map((count) => count / data.length);
}

function sharesText(shares: readonly number[]): string {
  return shares.map((share, index) => `${index + 1}: ${(100 * share).toFixed(1)} %`).join('  ');
}
