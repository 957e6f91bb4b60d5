/**
 * Registration of two files by a pretrained network, with everything that is written of it. Images and volumes differ
 * in how they are read and written, and in nothing between.
 */
import { dirname, join } from 'node:path';
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { kindOfFile, kindsOf, readInput, readVolumeInput, type VolumeInput } from '../data/index.js';
import { type Labels, readLabelsOn } from '../data/labelled/index.js';
import { checkSomeClass, valuesIn } from '../data/labelled/known-classes.js';
import { classNamesIn } from '../data/labelled/tables.js';
import type { OnWarnings } from '../data/warnings.js';
import { encodePng } from '../image/encode-png.js';
import { writeLabels, writePng, writeVectors, writeVolume } from '../image/files.js';
import { fieldInMillimetres, fromCanonical, spacingOf } from '../image/index.js';
import { registerPanel } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import { keepFiles } from '../system/keep-files.js';
import {
  between,
  fieldOnStored,
  type Network,
  type Registration,
  register,
  requireField,
  type SizeOptions,
} from '../use/index.js';
import { type RegistrationReport, registrationReport } from '../use/registration/report.js';
import { labelOverlap, warpLabels } from '../use/registration/score.js';
import { warpLinear } from '../views/index.js';
import { writeNpy } from '../weights/index.js';

export interface RegisterFilesOptions extends SizeOptions {
  /** Class indices of the moving image; they are warped. */
  readonly labels?: string | undefined;
  /** Class indices of the fixed image; the overlap is measured with both. */
  readonly fixedLabels?: string | undefined;
  /** Told what the readers of the files had to assume. */
  readonly onWarnings?: OnWarnings;
}

/** Names of what is written, of images and of volumes. */
const NAMES = {
  2: { warped: 'warped.png', field: 'field.npy', labels: 'labels.png' },
  3: { warped: 'warped.nii.gz', field: 'field.nii.gz', labels: 'labels.nii.gz' },
} as const;
const PICTURE = 'registration.png';
const REPORT = 'registration.json';

export interface RegisteredFiles {
  readonly report: RegistrationReport;
  /** Names of the files in the folder. */
  readonly written: readonly string[];
}

/**
 * Lays one file over another and writes the warped image, the warped labels, the field, a picture and a report.
 * @param moving an image or, for a network of volumes, a volume file or a folder with a DICOM series
 * @throws InputError where a file cannot be read or written, labels do not lie on their image or are masks of 0 and 255
 * whose overlap is asked for, or the network has no projections or sees volumes slice by slice
 * @example
 * const network = await openNetwork(loadModel('runs/xrays'));
 * const { report } = await registerFiles(network, 'a.png', 'b.png', 'registered', { labels: 'a-labels.png' });
 */
export async function registerFiles(
  network: Network,
  moving: string,
  fixed: string,
  folder: string,
  { labels, fixedLabels, onWarnings, ...size }: RegisterFilesOptions = {},
): Promise<RegisteredFiles> {
  if (fixedLabels && !labels) {
    throw new InputError(
      'config',
      'expected labels of both images, found those of the fixed one alone',
      'Add --labels with those of the moving image.',
    );
  }
  const { config, backbone } = network.model;
  const { dims } = backbone;
  for (const path of [moving, fixed])
    requireField(network.model, kindOfFile(path, kindsOf(config)) === 'volumes' ? 3 : 2);
  const names = [...Object.values(NAMES[dims]), PICTURE, REPORT];
  keepFiles(
    [moving, fixed, labels, fixedLabels],
    names.map((name) => join(folder, name)),
  );
  const open = dims === 3 ? volumePair : imagePair;
  const pair = await open(network, moving, fixed, onWarnings);
  const read = async (path: string | undefined, which: 'moving' | 'fixed') =>
    path === undefined ? undefined : pair.readLabels(path, which);
  const [own, wanted] = [await read(labels, 'moving'), await read(fixedLabels, 'fixed')];
  if (own && wanted) {
    checkSomeClass(valuesIn([own]), labels);
    checkSomeClass(valuesIn([wanted]), fixedLabels);
  }
  const result = await register(network, pair.moving, pair.fixed, { ...size, spacing: pair.spacing });
  const [start, field] = [pair.onFiles(result.start), pair.onFiles(result.field)];
  const maps = own && { moving: warpLabels(own, start), warped: warpLabels(own, field) };
  const overlap =
    maps && wanted && fixedLabels
      ? labelOverlap(maps.moving, maps.warped, wanted, {
          spacing: pair.fileSpacing,
          classes: classNamesIn(join(dirname(fixedLabels), '..')),
        })
      : undefined;
  const report = registrationReport({
    moving,
    fixed,
    model: network.model.source,
    step: network.model.step,
    unit: pair.unit,
    spacing: pair.spacing,
    shape: result.field.shape.slice(1),
    measures: result.measures,
    overlap,
  });
  const shown = maps && { ...maps, ...(wanted ? { fixed: wanted } : {}) };
  const { before, warped, displacement } = result;
  const { spacing, unit } = pair;
  const parts = { moving: before, fixed: pair.fixed, warped, displacement, spacing, unit };
  const panel = registerPanel(shown ? { ...parts, labels: shown } : parts);
  const written = await pair.write(folder, result, field, maps?.warped);
  writeFileAtomic(join(folder, PICTURE), await encodePng(panel));
  writeFileAtomic(join(folder, REPORT), `${JSON.stringify(report, null, 2)}\n`);
  return { report, written: [...written, PICTURE, REPORT] };
}

/** Two files as the network takes them, and the way back to the grid of the fixed file. */
interface Pair {
  readonly moving: Tensor;
  readonly fixed: Tensor;
  readonly unit: 'px' | 'mm';
  /** Edges of a pixel of `fixed`, and of its file. */
  readonly spacing: readonly number[];
  readonly fileSpacing: readonly number[];
  readLabels(path: string, which: 'moving' | 'fixed'): Promise<Labels>;
  /** A field between the images as a field between the files. */
  onFiles(field: Tensor): Tensor;
  write(folder: string, result: Registration, field: Tensor, labels: Labels | undefined): Promise<string[]>;
}

async function imagePair(
  network: Network,
  movingPath: string,
  fixedPath: string,
  onWarnings?: OnWarnings,
): Promise<Pair> {
  const { channels } = network.model.config.data;
  const read = (path: string) => readInput(path, channels, onWarnings);
  const [moving, fixed] = [await read(movingPath), await read(fixedPath)];
  const shapes = { moving: moving.shape.slice(1), fixed: fixed.shape.slice(1) };
  return {
    moving,
    fixed,
    unit: 'px',
    spacing: [1, 1],
    fileSpacing: [1, 1],
    readLabels: (path, which) => readLabelsOn(path, { shape: shapes[which] }),
    onFiles: (field) => field,
    async write(folder, { warped }, field, labels) {
      const [height, width] = shapes.fixed as [number, number];
      const names = NAMES[2];
      const plane = height * width;
      const pixels = Uint8Array.from({ length: warped.data.length }, (_, at) =>
        Math.round(255 * warped.data[(at % channels) * plane + Math.floor(at / channels)]!),
      );
      await writePng(join(folder, names.warped), { height, width, channels, data: pixels });
      writeFileAtomic(join(folder, names.field), writeNpy(field));
      if (!labels) return [names.warped, names.field];
      await writePng(join(folder, names.labels), { height, width, channels: 1, data: labels.data });
      return [names.warped, names.field, names.labels];
    },
  };
}

async function volumePair(
  network: Network,
  movingPath: string,
  fixedPath: string,
  onWarnings?: OnWarnings,
): Promise<Pair> {
  const { config } = network.model;
  const read = (path: string) => readVolumeInput(path, config, onWarnings);
  const inputs = { moving: await read(movingPath), fixed: await read(fixedPath) };
  const { moving, fixed } = inputs;
  return {
    moving: moving.image,
    fixed: fixed.image,
    unit: 'mm',
    spacing: spacingOf(fixed.grid),
    fileSpacing: spacingOf(fixed.stored),
    readLabels: (path, which) => {
      const { shape, affine } = inputs[which].stored;
      return readLabelsOn(path, { shape, grid: { shape, affine } });
    },
    onFiles: (field) => fieldOnStored(field, moving, fixed),
    async write(folder, _, field, labels) {
      const names = NAMES[3];
      const onFile = <T extends Float32Array | Uint8Array>(data: T) => fromCanonical(data, fixed.file);
      const { slope, intercept } = moving.stored;
      const warped = onFile(warpStored(moving, field));
      writeVolume(join(folder, names.warped), { ...fixed.file, data: warped, slope, intercept });
      const millimetres = fieldInMillimetres(field.data, fixed.stored, moving.stored);
      writeVectors(join(folder, names.field), onFile(millimetres), fixed.file);
      if (!labels) return [names.warped, names.field];
      writeLabels(join(folder, names.labels), onFile(labels.data), fixed.file);
      return [names.warped, names.field, names.labels];
    },
  };
}

/** The stored values of a volume at the places of a field; outside is the least of them. */
function warpStored({ stored }: VolumeInput, field: Tensor): Float32Array {
  const values = Float32Array.from(stored.data);
  const lowest = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const raised = tensor(
    [1, ...stored.shape],
    values.map((value) => value - lowest),
  );
  const region = between(stored.shape, field.shape.slice(1));
  return warpLinear(raised, field.data, region).map((value) => value + lowest);
}
