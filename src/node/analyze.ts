/**
 * How the features of pretrained networks are dispersed on a labelled set: the argument of the paper (introduction, and
 * the figures of features) as numbers and pictures, for several networks side by side on the same pixels.
 */
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { kindOfFile, kindsOf } from '../data/index.js';
import { checkSomeClass, namesFromLabels, valuesIn } from '../data/labelled/known-classes.js';
import type { OnWarnings } from '../data/warnings.js';
import type { DeviceChoice } from '../engine/index.js';
import { encodePng } from '../image/encode-png.js';
import { csv } from '../metrics/csv.js';
import { initialParameters, unpackParameters } from '../nn/index.js';
import { specsOf } from '../pretrain/methods.js';
import { renderReport } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import type { CheckpointChoice } from '../train/checkpoint-choice.js';
import { type MeasuredNetwork, measureDispersion, PICTURES } from '../use/dispersion/measure.js';
import { featurePicture } from '../use/dispersion/picture.js';
import { type DispersionReport, dispersionCsv, dispersionPage } from '../use/dispersion/report.js';
import { drawPlaces, type Level, type Network } from '../use/index.js';
import { createModel, type Model } from '../use/model.js';
import { drawCases, type LabelledFiles, listLabelled, readImageOf, readLabelsOf } from './analysis-cases.js';
import { loadModel } from './models.js';
import { openNetwork } from './networks.js';

export interface AnalyzeOptions {
  /** The folder of the labels, where `data` is a folder of images alone. */
  readonly labels?: string | undefined;
  /** Cases that are drawn; 24 by default. */
  readonly cases?: number;
  /** Pixels that are drawn, about equally many of each class; 1000 by default, at most 2000. */
  readonly samples?: number;
  /** Decoder level; 4, the full resolution, by default. */
  readonly level?: Level;
  readonly seed?: number;
  /** Also the first network with the random weights that a training begins with. */
  readonly untrained?: boolean;
  readonly device?: DeviceChoice;
  readonly threads?: number;
  /** Which checkpoint of a run; the best where there is one, else the latest, where null. */
  readonly checkpoint?: CheckpointChoice;
  readonly ignoreMemory?: boolean;
  readonly onCase?: (network: string, done: number, total: number) => void;
  /** Told what the readers of images had to assume. */
  readonly onWarnings?: OnWarnings;
  /** Called as what follows the cases begins. */
  readonly onStage?: (network: string, stage: string) => void;
}

export interface Analyzed {
  readonly report: DispersionReport;
  /** Names of the files in the folder. */
  readonly written: readonly string[];
}

/** Pixels of a t-SNE that is computed exactly. */
const MOST_SAMPLES = 2000;

/**
 * Measures networks on the same pixels of labelled images or volumes, and writes `report.html`, `analysis.json`,
 * `analysis.csv`, `points.csv` and `features.png`.
 * @param data labelled images in a known layout, or a folder of images with `labels`; volumes in `images/` and
 * `labels/`
 * @param models run folders, checkpoints, or files of `cover export` and `cover import`; all of images or all of
 * volumes
 * @throws InputError ('config') for a wrong option, ('data') where cases, labels or classes are missing, ('checkpoint')
 * or ('weights') for a model that cannot be read
 * @example const { report } = await analyze('lungs', ['runs/xrays'], 'dispersion', { untrained: true });
 */
export async function analyze(
  data: string,
  models: readonly string[],
  folder: string,
  options: AnalyzeOptions = {},
): Promise<Analyzed> {
  const { labels, cases: most = 24, samples = 1000, level = 4, seed = 0, untrained = false } = options;
  checkCounts(models, most, samples);
  const loaded = models.map((path) => ({ name: path, model: loadModel(path, options.checkpoint ?? null) }));
  if (untrained) loaded.push({ name: 'untrained', model: untrainedModel(loaded[0]!.model) });
  const { cases: all, classes: named } = listLabelled(data, labels);
  const chosen = drawCases(all, most, seed);
  const kind = kindOfFile(chosen[0]!.image, kindsOf(loaded[0]!.model.config));
  const other = loaded.find(({ model }) => !kindsOf(model.config).includes(kind));
  if (other) {
    throw new InputError(
      'config',
      `${other.name}: expected a network of ${kind} like the first, found one of ${kindsOf(other.model.config)[0]}`,
      'Compare networks of images and of volumes in two calls.',
    );
  }
  const maps = [];
  for (const one of chosen) maps.push(await readLabelsOf(one, kind));
  checkSomeClass(valuesIn(maps), labels ?? data);
  const places = drawPlaces(maps, samples, seed);
  const classes = named.length ? [...named] : namesFromLabels(maps, 255);
  const present = new Set(places.map(({ label }) => label));
  if (present.size < 2) {
    throw new InputError(
      'data',
      `${data}: expected labels of two classes or more, found ${present.size}`,
      'Add cases.',
    );
  }
  const measured: MeasuredNetwork[] = [];
  const images = [];
  for (const { name, model } of loaded) {
    const { device = 'cpu', threads = 0, ignoreMemory = false } = options;
    const network = await openNetwork(model, { device, threads, ignoreMemory });
    const onStage = (stage: string) => options.onStage?.(name, stage);
    const onCase = (done: number) => options.onCase?.(name, done, chosen.length);
    try {
      const read = imagesOf(chosen, network, options.onWarnings);
      measured.push(await measureDispersion(name, network, read, places, { level, seed, onCase, onStage }));
      if (images.length === 0) images.push(...(await shownImages(network, chosen)));
    } finally {
      await network.close();
    }
  }
  const report: DispersionReport = {
    kind: 'dispersion',
    data,
    cases: chosen.map(({ id }) => id),
    classes: classes.map((name, label) => ({
      label,
      name,
      samples: places.filter((place) => place.label === label).length,
    })),
    level,
    seed,
    networks: measured.map(({ dispersion }) => dispersion),
  };
  const picture = await encodePng(featurePicture(report, images, maps, measured));
  const points = [
    ['network', 'image', 'class', 'x', 'y'],
    ...measured.flatMap(({ dispersion, points: at }) =>
      places.map(({ image, label }, index) => [
        dispersion.name,
        chosen[image]!.id,
        label,
        Number(at[2 * index]!.toFixed(4)),
        Number(at[2 * index + 1]!.toFixed(4)),
      ]),
    ),
  ];
  const pointLabels = Uint8Array.from(places, ({ label }) => label);
  const files: [name: string, content: string | Uint8Array][] = [
    ['report.html', renderReport(dispersionPage(report, measured, pointLabels, picture))],
    ['analysis.json', `${JSON.stringify(report, null, 2)}\n`],
    ['analysis.csv', dispersionCsv(report)],
    ['points.csv', csv(points)],
    ['features.png', picture],
  ];
  for (const [name, content] of files) writeFileAtomic(join(folder, name), content);
  return { report, written: files.map(([name]) => name) };
}

/** The network with the random weights that its training began with. */
export function untrainedModel({ config }: Model): Model {
  const specs = specsOf(config);
  return createModel(config, unpackParameters(initialParameters(specs, config.seed), specs), {
    source: 'random weights',
  });
}

async function* imagesOf(
  cases: readonly LabelledFiles[],
  network: Network,
  onWarnings?: OnWarnings,
): AsyncGenerator<Tensor> {
  for (const one of cases) yield await readImageOf(one, network, onWarnings);
}

async function shownImages(network: Network, cases: readonly LabelledFiles[]) {
  const images = [];
  for (const one of cases.slice(0, PICTURES)) images.push(await readImageOf(one, network));
  return images;
}

function checkCounts(models: readonly string[], cases: number, samples: number): void {
  if (models.length === 0) {
    throw new InputError('config', 'expected at least one network, found none', 'Example: --model runs/xrays');
  }
  if (!Number.isInteger(cases) || cases < 1) {
    throw new InputError('config', `cases: expected a whole number of at least 1, found ${cases}`);
  }
  if (!Number.isInteger(samples) || samples < 20 || samples > MOST_SAMPLES) {
    throw new InputError(
      'config',
      `samples: expected a whole number from 20 to ${MOST_SAMPLES}, found ${samples}`,
      'All pairs of samples are compared.',
    );
  }
}
