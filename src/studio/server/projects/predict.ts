/** Predictions of all cases of a project by its newest run, with a map of how certain each pixel is. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Labels, readCaseInput, readLabels } from '../../../data/labelled/index.js';
import { classDices } from '../../../finetune/segmentation/look.js';
import { writePng } from '../../../image/files.js';
import { openSegmenter } from '../../../node/index.js';
import { loadFinetuned } from '../../../node/models.js';
import { writeFileAtomic } from '../../../system/files.js';
import { type Segmenter, segment } from '../../../use/segmentation/segment.js';
import { UNPAINTED } from './drawn.js';
import { drawnIds, imagesOf, type Places, type Predicted, projectFolder, readPredicted, readRecord } from './store.js';

export interface Progress {
  readonly project: string;
  readonly run: string;
  readonly done: number;
  readonly total: number;
  /** Why it ended early; else empty. */
  readonly error: string;
}

/** Goes through the cases one after the other; one project at a time. */
export class Predictions {
  readonly #places: Places;
  readonly #runs: string;
  #progress: Progress | null = null;
  #round = 0;

  constructor(places: Places, runs: string) {
    this.#places = places;
    this.#runs = runs;
  }

  /** Null where nothing was predicted since the server began. */
  get progress(): Progress | null {
    return this.#progress;
  }

  /** Begins anew with a run; what goes on is given up. */
  start(project: string, run: string): void {
    const round = ++this.#round;
    this.#progress = { project, run, done: 0, total: 0, error: '' };
    this.#all(project, run, round).catch((error: unknown) => {
      if (round !== this.#round) return;
      this.#progress = { ...this.#progress!, error: error instanceof Error ? error.message : String(error) };
    });
  }

  async #all(project: string, run: string, round: number): Promise<void> {
    const folder = join(projectFolder(this.#places, project), 'predicted');
    const record = readRecord(this.#places, project);
    const images = [...imagesOf(this.#places, record)];
    const segmenter = await openSegmenter(loadFinetuned(join(this.#runs, run)));
    try {
      this.#progress = { project, run, done: 0, total: images.length, error: '' };
      rmSync(folder, { recursive: true, force: true });
      const cases: Predicted['cases'] = {};
      for (const [index, [id, path]] of images.entries()) {
        const { labels, certainty, uncertainty } = await predictOne(segmenter, path);
        if (round !== this.#round) return;
        const [height, width] = labels.shape as [number, number];
        await writePng(join(folder, `${id}.png`), { height, width, channels: 1, data: labels.data });
        await writePng(join(folder, `${id}.certainty.png`), { height, width, channels: 1, data: certainty });
        cases[id] = {
          uncertainty,
          dice: await diceWithDrawn(this.#places, project, id, labels, record.classes.length),
        };
        writeFileAtomic(join(folder, 'index.json'), JSON.stringify({ run, cases } satisfies Predicted));
        this.#progress = { project, run, done: index + 1, total: images.length, error: '' };
      }
    } finally {
      await segmenter.close();
    }
  }
}

interface Prediction {
  readonly labels: Labels;
  /** 0 to 255: 1 less the entropy of the probabilities, as a share of the greatest. */
  readonly certainty: Uint8Array;
  readonly uncertainty: number;
}

async function predictOne(segmenter: Segmenter, path: string): Promise<Prediction> {
  const input = await readCaseInput(path, segmenter);
  const { labels, probabilities } = await segment(segmenter, input, { probabilities: true });
  const { shape, data } = probabilities!;
  const [classes] = shape as [number];
  const pixels = labels.data.length;
  const certainty = new Uint8Array(pixels);
  let sum = 0;
  for (let pixel = 0; pixel < pixels; pixel++) {
    let entropy = 0;
    for (let k = 0; k < classes; k++) {
      const p = data[k * pixels + pixel]!;
      if (p > 0) entropy -= p * Math.log(p);
    }
    const share = Math.min(1, entropy / Math.log(classes));
    sum += share;
    certainty[pixel] = Math.round(255 * (1 - share));
  }
  return { labels, certainty, uncertainty: sum / pixels };
}

/** The newest prediction of a case; null where there is none. */
export async function readPrediction(
  places: Places,
  project: string,
  id: string,
): Promise<{ labels: Labels; certainty: Labels } | null> {
  const folder = join(projectFolder(places, project), 'predicted');
  if (!Object.hasOwn(readPredicted(places, project).cases, id) || !existsSync(join(folder, `${id}.png`))) return null;
  return {
    labels: await readLabels(join(folder, `${id}.png`)),
    certainty: await readLabels(join(folder, `${id}.certainty.png`)),
  };
}

/** The mean Dice over the classes that are in either map; what nobody painted counts as the project says. */
async function diceWithDrawn(
  places: Places,
  project: string,
  id: string,
  prediction: Labels,
  classes: number,
): Promise<number | null> {
  if (!drawnIds(places, project).has(id)) return null;
  const drawn = await readLabels(join(projectFolder(places, project), 'drawn', `${id}.png`));
  const { restIsBackground } = readRecord(places, project);
  const data = restIsBackground ? drawn.data.map((value) => (value === UNPAINTED ? 0 : value)) : drawn.data;
  const dices = classDices(prediction, { ...drawn, data }, classes, UNPAINTED).filter((dice) => dice !== null);
  return dices.length > 0 ? dices.reduce((sum, dice) => sum + dice, 0) / dices.length : null;
}
