/** Labelling in the page: what is drawn, training on it, predictions, masks in and out. */

import { zipSync } from 'fflate';
import { readImage } from '../../../../browser/read-data';
import { readInput } from '../../../../browser/read-input';
import { InputError } from '../../../../core/errors';
import { type FinetuneConfig, readFinetuneConfig } from '../../../../finetune/config';
import { lastName } from '../../../../image/byte-reader';
import { distancesFrom, meanFeatures } from '../../../answers/distances';
import { keptFeatures, keptText } from '../../../answers/kept-features';
import { asLabels, meanDice, predicted } from '../../../answers/prediction';
import { UNPAINTED } from '../../../drawing/map';
import type { PredictionProgress } from '../../../shared/protocol';
import type { PlaceCalls, TrainWish } from '../place';
import { bytesOf } from './images';
import { maskBytes, maskOf, readMask, writeMask } from './masks';
import type { Networks } from './networks';
import { checkedName, files, writeJson } from './opfs';
import { imageFor } from './pairs';
import { deviceSettings, runPath } from './runs';
import {
  drawnIds,
  imagesOf,
  type Predicted,
  type ProjectRecord,
  projectPath,
  readPredicted,
  readProject,
  readRecord,
  writeRecord,
} from './store';

type ProjectCalls = Pick<
  PlaceCalls,
  | 'projects'
  | 'project'
  | 'newProject'
  | 'changeProject'
  | 'hold'
  | 'drawn'
  | 'saveDrawn'
  | 'importMask'
  | 'exportMasks'
  | 'train'
  | 'predict'
  | 'progress'
  | 'predictedBy'
  | 'prediction'
  | 'distances'
  | 'removeProject'
>;

/** @param begin begins a fine-tuning */
export function projectCalls(
  networks: Networks,
  begin: (run: string, config: FinetuneConfig) => Promise<void>,
): ProjectCalls {
  let progress: PredictionProgress | null = null;
  let round = 0;

  const predictAll = async (project: string, { run, step }: Pick<Predicted, 'run' | 'step'>, own: number) => {
    const folder = `${projectPath(project)}/predicted`;
    const record = await readRecord(project);
    const images = [...(await imagesOf(record))];
    await files.remove(folder);
    const cases: Predicted['cases'] = {};
    progress = { project, run, step, done: 0, total: images.length, error: '' };
    for (const [index, [id, path]] of images.entries()) {
      const bytes = await bytesOf(path);
      const { labels, certainty, uncertainty } = await networks.segmenting(run, async (segmenter) =>
        predicted(segmenter, await readInput(bytes, path, segmenter)),
      );
      if (own !== round) return;
      await writeMask(`${folder}/${id}.png`, labels);
      await writeMask(`${folder}/${id}.certainty.png`, { shape: labels.shape, data: certainty });
      const drawn = await readMask(drawnPath(project, id));
      const truth = drawn && { ...drawn, data: asLabels(drawn.data, record.restIsBackground) };
      cases[id] = { uncertainty, dice: truth && meanDice(labels, truth, record.classes.length) };
      await writeJson(`${folder}/index.json`, { run, step, cases } satisfies Predicted);
      progress = { project, run, step, done: index + 1, total: images.length, error: '' };
    }
  };

  return {
    async projects() {
      const found = [];
      for (const name of await files.list('labels')) {
        try {
          const { folder, classes } = await readRecord(name);
          const [drawn, images] = await Promise.all([drawnIds(name), imagesOf({ folder })]);
          found.push({ name, folder, classes, labelled: drawn.size, cases: images.size });
        } catch {
          found.push({ name, folder: '', classes: [], labelled: 0, cases: 0 });
        }
      }
      return found;
    },
    project: readProject,
    async newProject({ name, folder, classes, from }) {
      if ((await files.list(projectPath(name))).length > 0) {
        throw new InputError('file', `${name}: there is a project of this name in this browser`, 'Take another name.');
      }
      await imagesOf({ folder });
      await writeRecord(name, { folder, classes: [...classes], from, restIsBackground: true, held: [], runs: [] });
      return readProject(name);
    },
    async changeProject(name, { classes, from, restIsBackground }) {
      const record = await readRecord(name);
      if (classes && classes.length < record.classes.length) {
        throw new InputError('config', 'classes can be renamed and added, not taken away: labels hold their numbers');
      }
      await writeRecord(name, {
        ...record,
        ...(classes ? { classes: [...classes] } : {}),
        ...(from ? { from } : {}),
        ...(restIsBackground === undefined ? {} : { restIsBackground }),
      });
      return readProject(name);
    },
    async hold(name, id, held) {
      const record = await readRecord(name);
      const others = record.held.filter((one) => one !== id);
      await writeRecord(name, { ...record, held: held ? [...others, id] : others });
      return readProject(name);
    },

    drawn: async (name, id) => (await readMask(drawnPath(name, id)))?.data ?? null,
    saveDrawn: async (name, id, labels) => saveDrawn(name, await readRecord(name), id, labels),
    async importMask(name, id, png) {
      await saveDrawn(name, await readRecord(name), id, maskOf(png, id).data);
    },
    async exportMasks(name) {
      const { restIsBackground, ...record } = await readRecord(name);
      const entries: Record<string, Uint8Array> = {};
      for (const id of (await imagesOf(record)).keys()) {
        const drawn = await readMask(drawnPath(name, id));
        const mask = drawn
          ? { ...drawn, data: asLabels(drawn.data, restIsBackground) }
          : await readMask(`${projectPath(name)}/predicted/${id}.png`);
        if (!mask) continue;
        entries[`${id}.png`] = await maskBytes(mask);
      }
      return { archive: zipSync(entries, { level: 0 }) };
    },

    async train(name, wish) {
      const record = await readRecord(name);
      await prepareDataset(name, record);
      const run = await nextRun(name);
      await begin(run, await configOf(name, record, wish));
      // What was changed meanwhile stays.
      const now = await readRecord(name);
      await writeRecord(name, { ...now, runs: [run, ...now.runs] });
      return run;
    },
    async predict(name, run, step) {
      const { runs } = await readRecord(name);
      if (!runs.includes(run)) throw new InputError('file', `${run}: expected a run of the project ${name}`);
      const own = ++round;
      progress = { project: name, run, step, done: 0, total: 0, error: '' };
      predictAll(name, { run, step }, own).catch((error: Error) => {
        if (own === round) progress = { ...progress!, error: error.message };
      });
    },
    progress: async () => progress,
    async predictedBy(name) {
      const [{ run, step, cases }, images] = [await readPredicted(name), await imagesOf(await readRecord(name))];
      // A page that was closed in the middle begins again.
      return [...images.keys()].every((id) => Object.hasOwn(cases, id)) ? { run, step } : null;
    },
    async prediction(name, id) {
      const { cases } = await readPredicted(name);
      if (!Object.hasOwn(cases, id)) return null;
      const folder = `${projectPath(name)}/predicted`;
      const [labels, certainty] = [
        await readMask(`${folder}/${id}.png`),
        await readMask(`${folder}/${id}.certainty.png`),
      ];
      return labels && certainty ? { labels: labels.data, certainty: certainty.data } : null;
    },
    removeProject: (name) => files.remove(projectPath(name)),
    async distances(name) {
      const { from, runs, folder } = await readRecord(name);
      if (from === 'scratch' || runs.includes(from)) {
        throw new InputError(
          'config',
          `${name}: expected a project that begins with a pretrained network, found one without`,
          'Choose one under Begins with: features of images come from it.',
        );
      }
      const file = `${projectPath(name)}/features.json`;
      const images = await imagesOf({ folder });
      const features = new Map<string, Float32Array>();
      await networks.ask(from, async (network) => {
        const { source } = network.model;
        const bytes = await files.read(file);
        const known = keptFeatures(bytes && new TextDecoder().decode(bytes), source);
        for (const [id, path] of images) {
          features.set(id, known.get(id) ?? (await meanFeatures(network, await imageFor(network, path))));
        }
        if (features.size > known.size) await files.write(file, keptText(features, source));
      });
      return distancesFrom(features, await drawnIds(name));
    },
  };
}

function drawnPath(name: string, id: string): string {
  return `${projectPath(name)}/drawn/${checkedName(id, 'image')}.png`;
}

/** Writes what was drawn; where nothing is left, the case counts as not labelled. */
async function saveDrawn(name: string, record: ProjectRecord, id: string, data: Uint8Array): Promise<boolean> {
  const path = (await imagesOf(record)).get(id);
  if (path === undefined) throw new InputError('file', `${id}: the project has no case of this name`);
  const { shape } = await readImage(await bytesOf(path), path);
  const [height, width] = shape as [number, number];
  if (data.length !== height * width) {
    throw new InputError('shape', `${id}: expected ${width} × ${height} pixels, found ${data.length}`);
  }
  const strange = data.find((value) => value !== UNPAINTED && value >= record.classes.length);
  if (strange !== undefined) {
    throw new InputError('data', `${id}: expected classes below ${record.classes.length}, found ${strange}`);
  }
  if (data.every((value) => value === UNPAINTED)) {
    await files.remove(drawnPath(name, id));
    return false;
  }
  await writeMask(drawnPath(name, id), { shape, data });
  return true;
}

/**
 * The dataset of the labelled cases, in the folder of the project: images, labels, and which are held out.
 * @throws InputError ('data') where no labelled case is left to train on
 */
async function prepareDataset(name: string, record: ProjectRecord): Promise<void> {
  const folder = projectPath(name);
  const images = await imagesOf(record);
  const ids = [...(await drawnIds(name))].filter((id) => images.has(id)).sort();
  const held = ids.filter((id) => record.held.includes(id));
  const train = ids.filter((id) => !held.includes(id));
  if (train.length === 0) {
    throw new InputError('data', 'expected at least one labelled case that is not held out, found none');
  }
  for (const part of ['images', 'labels']) await files.remove(`${folder}/${part}`);
  for (const id of ids) {
    const path = images.get(id)!;
    await files.write(`${folder}/images/${lastName(path)}`, await bytesOf(path));
    const drawn = (await readMask(drawnPath(name, id)))!;
    await writeMask(`${folder}/labels/${id}.png`, {
      ...drawn,
      data: asLabels(drawn.data, record.restIsBackground),
    });
  }
  const classes = Object.fromEntries(record.classes.map((className, index) => [index, className]));
  await writeJson(`${folder}/dataset.json`, { classes });
  await writeJson(`${folder}/splits.json`, { train, val: held, test: [] });
}

async function configOf(name: string, { from }: ProjectRecord, wish: TrainWish): Promise<FinetuneConfig> {
  const own = [
    `data.source=${JSON.stringify(projectPath(name))}`,
    `model.from=${JSON.stringify(from === 'scratch' ? from : runPath(from))}`,
    `schedule.steps=${wish.steps}`,
  ];
  return readFinetuneConfig({ settings: [...(await deviceSettings(wish.settings)), ...own] });
}

async function nextRun(name: string): Promise<string> {
  const known = new Set(await files.list('runs'));
  for (let count = 1; ; count++) if (!known.has(`${name}-${count}`)) return `${name}-${count}`;
}
