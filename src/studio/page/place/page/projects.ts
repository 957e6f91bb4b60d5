/** Labelling in the page: what is drawn, training on it, predictions, masks in and out. */

import { zipSync } from 'fflate';
import { isPageVolume } from '../../../../browser/file-kinds';
import { readInput } from '../../../../browser/read-input';
import { InputError } from '../../../../core/errors';
import { type FinetuneConfig, readFinetuneConfig } from '../../../../finetune/config';
import { distancesFrom, meanFeatures } from '../../../answers/distances';
import { checkDrawn, maskOnto } from '../../../answers/ground';
import { keptFeatures, keptText } from '../../../answers/kept-features';
import { pngMask } from '../../../answers/mask';
import { asLabels } from '../../../answers/prediction';
import { type PredictionPlace, Predictions } from '../../../answers/predictions';
import { requirePretraining, SCRATCH } from '../../../answers/pretraining';
import { changed, divided, holding, type ProjectRecord, transferredIn } from '../../../answers/project';
import { changedBy, KEPT } from '../../../drawing/map';
import { checkClassNames } from '../../../shared/class-names';
import type { PlaceCalls, TrainWish } from '../place';
import { contentOf, copyImage, groundOf } from './images';
import { maskBytes, maskName, readMask, writeMask } from './masks';
import type { Networks } from './networks';
import { checkedName, files, readText, writeJson } from './opfs';
import { imageFor } from './pairs';
import { runPath } from './run-records';
import { deviceSettings } from './runs';
import { drawnIds, imageOf, imagesOf, projectPath, readPredicted, readProject, readRecord, writeRecord } from './store';

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
  const predictions = new Predictions();
  let atlases = 0;

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
      checkClassNames(classes);
      await imagesOf({ folder });
      await writeRecord(name, { folder, classes: [...classes], from, restIsBackground: true, held: [], runs: [] });
      return readProject(name);
    },
    async changeProject(name, change) {
      await writeRecord(name, changed(await readRecord(name), change));
      return readProject(name);
    },
    async hold(name, id, held) {
      await writeRecord(name, holding(await readRecord(name), id, held));
      return readProject(name);
    },

    async drawn(name, id) {
      const image = await imageOf(await readRecord(name), id);
      return (await readMask(drawnPath(name, id, image)))?.data ?? null;
    },
    saveDrawn: async (name, id, labels) => saveDrawn(name, await readRecord(name), id, labels),
    async importMask(name, id, mask) {
      const record = await readRecord(name);
      const image = await imageOf(record, id);
      const given = isPageVolume(image) ? mask : pngMask(mask, id);
      const ground = await groundOf(image);
      const data = await maskOnto(id, given, ground);
      checkDrawn(id, data, ground, record.classes.length);
      await saveDrawn(name, record, id, data);
    },
    async exportMasks(name, format) {
      const { restIsBackground, ...record } = await readRecord(name);
      const entries: Record<string, Uint8Array> = {};
      for (const [id, image] of await imagesOf(record)) {
        const drawn = await readMask(drawnPath(name, id, image));
        const mask = drawn ?? (await readMask(`${projectPath(name)}/predicted/${maskName(id, image)}`));
        if (!mask) continue;
        const labels = drawn ? asLabels(drawn.data, restIsBackground) : mask.data;
        entries[maskName(id, image, format)] = await maskBytes(labels, await groundOf(image), format);
      }
      return { archive: zipSync(entries, { level: 0 }) };
    },

    async train(name, wish) {
      const record = await readRecord(name);
      await writeDataset(name, record, projectPath(name), wish.transferred);
      const run = await nextRun(name);
      await begin(run, await configOf(name, record, wish));
      // What was changed meanwhile stays.
      const now = await readRecord(name);
      await writeRecord(name, { ...now, runs: [run, ...now.runs] });
      return run;
    },
    async predict(name, { run, step, atlas }) {
      const record = await readRecord(name);
      if (!record.runs.includes(run) && !(atlas && run === '')) {
        throw new InputError('file', `${run}: expected a run of the project ${name}`);
      }
      if (!atlas) {
        predictions.start(name, { run, step, atlas: '' }, () =>
          predictionPlace(name, (question) => networks.segmenting(run, question)),
        );
        return;
      }
      const pretraining = requirePretraining(name, record);
      // Another one each time: a network that is open stays so while its name is asked for.
      const folder = `${projectPath(name)}/atlas/${++atlases}`;
      await writeDataset(name, record, folder);
      predictions.start(name, { run, step, atlas: pretraining }, async () => ({
        ...(await predictionPlace(name, (question) => networks.laying(pretraining, folder, question))),
        close: () => files.remove(folder),
      }));
    },
    progress: async () => predictions.progress,
    async predictedBy(name) {
      const [{ run, step, cases }, images] = [await readPredicted(name), await imagesOf(await readRecord(name))];
      // A page that was closed in the middle begins again.
      return [...images.keys()].every((id) => Object.hasOwn(cases, id)) ? { run, step } : null;
    },
    async prediction(name, id) {
      const { cases } = await readPredicted(name);
      if (!Object.hasOwn(cases, id)) return null;
      const image = await imageOf(await readRecord(name), id);
      const mask = (of: string) => readMask(`${projectPath(name)}/predicted/${maskName(of, image)}`);
      const [labels, certainty] = [await mask(id), await mask(`${id}.certainty`)];
      return labels && certainty ? { labels: labels.data, certainty: certainty.data } : null;
    },
    removeProject: (name) => files.remove(projectPath(name)),
    async distances(name) {
      const record = await readRecord(name);
      const from = requirePretraining(name, record);
      const file = `${projectPath(name)}/features.json`;
      const images = await imagesOf(record);
      const features = new Map<string, Float32Array>();
      await networks.ask(from, async (network) => {
        const { source } = network.model;
        const known = keptFeatures((await readText(file)) ?? null, source);
        for (const [id, path] of images) {
          features.set(id, known.get(id) ?? (await meanFeatures(network, await imageFor(network, path))));
        }
        if (features.size > known.size) await files.write(file, keptText(features, source));
      });
      return distancesFrom(features, await drawnIds(name));
    },
  };
}

/** @param image the path of what is drawn on */
function drawnPath(name: string, id: string, image: string): string {
  return `${projectPath(name)}/drawn/${maskName(checkedName(id, 'image'), image)}`;
}

/**
 * Writes what was drawn; where nothing is left, the case counts as not labelled. Another tab may draw in the same case:
 * changes are laid over what it left.
 */
async function saveDrawn(name: string, record: ProjectRecord, id: string, data: Uint8Array): Promise<boolean> {
  const image = await imageOf(record, id);
  const ground = await groundOf(image);
  const path = drawnPath(name, id, image);
  return navigator.locks.request(`cover.${path}`, async () => {
    const before = data.includes(KEPT) ? await readMask(path) : null;
    const whole = changedBy(before?.data, data);
    const painted = checkDrawn(id, whole, ground, record.classes.length);
    if (painted) await writeMask(path, whole, ground);
    else await files.remove(path);
    return painted;
  });
}

/** @param ask asks what predicts */
async function predictionPlace(project: string, ask: PredictionPlace['ask']): Promise<PredictionPlace> {
  const folder = `${projectPath(project)}/predicted`;
  const record = await readRecord(project);
  return {
    record,
    images: await imagesOf(record),
    ask,
    input: async (image, segmenter) => readInput(await contentOf(image), image, segmenter),
    drawn: (id, image) => readMask(drawnPath(project, id, image)),
    clear: () => files.remove(folder),
    async keep(id, image, { labels, certainty }) {
      const ground = await groundOf(image);
      await writeMask(`${folder}/${maskName(id, image)}`, labels.data, ground);
      await writeMask(`${folder}/${maskName(`${id}.certainty`, image)}`, certainty, ground);
    },
    write: (predicted) => writeJson(`${folder}/index.json`, predicted),
    close: async () => {},
  };
}

/**
 * The dataset of the labelled cases in a folder: images, labels, and which are held out.
 * @param all takes cases to which labels were transferred as well
 * @throws InputError ('data') where no labelled case is left to train on
 */
async function writeDataset(name: string, record: ProjectRecord, folder: string, all = false): Promise<void> {
  const images = await imagesOf(record);
  const drawn = await drawnIds(name);
  const transferred = all ? transferredIn(record, await readPredicted(name), drawn, images) : [];
  const { ids, splits } = divided(record, drawn, images, transferred);
  for (const part of ['images', 'labels']) await files.remove(`${folder}/${part}`);
  const keep = async (id: string, data: Uint8Array) => {
    const image = images.get(id)!;
    await copyImage(image, `${folder}/images`);
    await writeMask(`${folder}/labels/${maskName(id, image)}`, data, await groundOf(image));
  };
  for (const id of ids) {
    const { data } = (await readMask(drawnPath(name, id, images.get(id)!)))!;
    await keep(id, asLabels(data, record.restIsBackground));
  }
  for (const id of transferred) {
    const mask = await readMask(`${projectPath(name)}/predicted/${maskName(id, images.get(id)!)}`);
    if (mask) await keep(id, mask.data);
  }
  const classes = Object.fromEntries(record.classes.map((className, index) => [index, className]));
  await writeJson(`${folder}/dataset.json`, { classes });
  await writeJson(`${folder}/splits.json`, splits);
}

async function configOf(name: string, { from }: ProjectRecord, wish: TrainWish): Promise<FinetuneConfig> {
  const own = [
    `data.source=${JSON.stringify(projectPath(name))}`,
    `model.from=${JSON.stringify(from === SCRATCH ? from : runPath(from))}`,
    `schedule.steps=${wish.steps}`,
  ];
  return readFinetuneConfig({ settings: [...(await deviceSettings(wish.settings)), ...own] });
}

async function nextRun(name: string): Promise<string> {
  const known = new Set(await files.list('runs'));
  for (let count = 1; ; count++) if (!known.has(`${name}-${count}`)) return `${name}-${count}`;
}
