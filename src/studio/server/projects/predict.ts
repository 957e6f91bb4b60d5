/** Predictions of all cases of a project by its newest run, with a map of how certain each pixel is. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Labels, readCaseInput, readLabels } from '../../../data/labelled/index.js';
import { writePng } from '../../../image/files.js';
import { openSegmenter } from '../../../node/index.js';
import { loadFinetuned } from '../../../node/models.js';
import { writeFileAtomic } from '../../../system/files.js';
import { asLabels, meanDice, predicted } from '../../answers/prediction.js';
import type { PredictionProgress } from '../../shared/protocol.js';
import { drawnIds, imagesOf, type Places, type Predicted, projectFolder, readPredicted, readRecord } from './store.js';

/** Goes through the cases one after the other; one project at a time. */
export class Predictions {
  readonly #places: Places;
  readonly #runs: string;
  #progress: PredictionProgress | null = null;
  #round = 0;

  constructor(places: Places, runs: string) {
    this.#places = places;
    this.#runs = runs;
  }

  /** Null where nothing was predicted since the server began. */
  get progress(): PredictionProgress | null {
    return this.#progress;
  }

  /** Begins anew with a run; what goes on is given up. */
  start(project: string, run: string, step: number): void {
    const round = ++this.#round;
    this.#progress = { project, run, step, done: 0, total: 0, error: '' };
    this.#all(project, { run, step }, round).catch((error: unknown) => {
      if (round !== this.#round) return;
      this.#progress = { ...this.#progress!, error: error instanceof Error ? error.message : String(error) };
    });
  }

  async #all(project: string, { run, step }: Pick<Predicted, 'run' | 'step'>, round: number): Promise<void> {
    const folder = join(projectFolder(this.#places, project), 'predicted');
    const record = readRecord(this.#places, project);
    const images = [...imagesOf(this.#places, record)];
    const segmenter = await openSegmenter(loadFinetuned(join(this.#runs, run)));
    try {
      this.#progress = { project, run, step, done: 0, total: images.length, error: '' };
      rmSync(folder, { recursive: true, force: true });
      const cases: Predicted['cases'] = {};
      for (const [index, [id, path]] of images.entries()) {
        const { labels, certainty, uncertainty } = await predicted(segmenter, await readCaseInput(path, segmenter));
        if (round !== this.#round) return;
        const [height, width] = labels.shape as [number, number];
        await writePng(join(folder, `${id}.png`), { height, width, channels: 1, data: labels.data });
        await writePng(join(folder, `${id}.certainty.png`), { height, width, channels: 1, data: certainty });
        cases[id] = {
          uncertainty,
          dice: await diceWithDrawn(this.#places, project, id, labels, record.classes.length),
        };
        writeFileAtomic(join(folder, 'index.json'), JSON.stringify({ run, step, cases } satisfies Predicted));
        this.#progress = { project, run, step, done: index + 1, total: images.length, error: '' };
      }
    } finally {
      await segmenter.close();
    }
  }
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

/** Null where nothing was drawn. */
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
  return meanDice(prediction, { ...drawn, data: asLabels(drawn.data, restIsBackground) }, classes);
}
