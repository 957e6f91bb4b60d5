/** Predictions of all cases of a project by its newest run, with a map of how certain each pixel is. */
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Labels, readLabels } from '../../../data/labelled/index.js';
import { openSegmenter } from '../../../node/index.js';
import { loadFinetuned } from '../../../node/models.js';
import { writeFileAtomic } from '../../../system/files.js';
import { asLabels, meanDice, predicted } from '../../answers/prediction.js';
import type { Predicted } from '../../answers/project.js';
import type { PredictionProgress } from '../../shared/protocol.js';
import { inputWithin } from '../data/read.js';
import { imageOf, readDrawn } from './drawn.js';
import { groundOf, maskPath, writeMask } from './masks.js';
import { imagesOf, type Places, projectFolder, readPredicted, readRecord } from './store.js';

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
        const { labels, certainty, uncertainty } = await predicted(
          segmenter,
          await inputWithin(this.#places.data, path, segmenter),
        );
        if (round !== this.#round) return;
        const ground = await groundOf(this.#places, path);
        await writeMask(maskPath(folder, id, path), labels.data, ground);
        await writeMask(maskPath(folder, `${id}.certainty`, path), certainty, ground);
        const drawn = await readDrawn(this.#places, project, id, path);
        const truth = drawn && { ...drawn, data: asLabels(drawn.data, record.restIsBackground) };
        cases[id] = { uncertainty, dice: truth && meanDice(labels, truth, record.classes.length) };
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
  const image = imageOf(places, readRecord(places, project), id);
  const folder = join(projectFolder(places, project), 'predicted');
  const path = maskPath(folder, id, image);
  if (!Object.hasOwn(readPredicted(places, project).cases, id) || !existsSync(path)) return null;
  return { labels: await readLabels(path), certainty: await readLabels(maskPath(folder, `${id}.certainty`, image)) };
}
