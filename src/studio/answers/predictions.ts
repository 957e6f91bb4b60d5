/** Predictions of all cases of a project, one after the other, wherever it lies; one project at a time. */
import type { CaseInput } from '../../data/input.js';
import type { Labels } from '../../data/labelled/labels.js';
import type { Segmenter } from '../../use/segmentation/segment.js';
import type { PredictionProgress } from '../shared/protocol.js';
import { asLabels, meanDice, type Prediction, predicted } from './prediction.js';
import type { Predicted, PredictedBy, ProjectRecord } from './project.js';

/** What a place has of a project while its cases are predicted. */
export interface PredictionPlace {
  readonly record: ProjectRecord;
  /** By the ids of the cases, as the place names them. */
  readonly images: ReadonlyMap<string, string>;
  ask<T>(question: (segmenter: Segmenter) => Promise<T>): Promise<T>;
  input(image: string, segmenter: Segmenter): Promise<CaseInput>;
  /** What was drawn; null where nothing was. */
  drawn(id: string, image: string): Promise<Labels | null>;
  /** Removes older predictions. */
  clear(): Promise<void>;
  keep(id: string, image: string, prediction: Prediction): Promise<void>;
  write(predicted: Predicted): Promise<void>;
  close(): Promise<void>;
}

export class Predictions {
  #progress: PredictionProgress | null = null;
  #round = 0;

  /** Null where nothing was predicted since the place began. */
  get progress(): PredictionProgress | null {
    return this.#progress;
  }

  /** Begins anew; what goes on is given up. */
  start(project: string, by: PredictedBy, open: () => Promise<PredictionPlace>): void {
    const round = ++this.#round;
    this.#progress = { project, ...by, done: 0, total: 0, error: '' };
    this.#all(project, by, open, round).catch((error: unknown) => {
      if (round !== this.#round) return;
      this.#progress = { ...this.#progress!, error: error instanceof Error ? error.message : String(error) };
    });
  }

  async #all(project: string, by: PredictedBy, open: () => Promise<PredictionPlace>, round: number): Promise<void> {
    const place = await open();
    try {
      const { record, images } = place;
      const progress = { project, ...by, total: images.size, error: '' };
      if (round !== this.#round) return;
      this.#progress = { ...progress, done: 0 };
      await place.clear();
      const cases: Predicted['cases'] = {};
      for (const [id, image] of images) {
        const prediction = await place.ask(async (segmenter) =>
          predicted(segmenter, await place.input(image, segmenter)),
        );
        if (round !== this.#round) return;
        await place.keep(id, image, prediction);
        const drawn = await place.drawn(id, image);
        const truth = drawn && { ...drawn, data: asLabels(drawn.data, record.restIsBackground) };
        const dice = truth && meanDice(prediction.labels, truth, record.classes.length);
        cases[id] = { uncertainty: prediction.uncertainty, dice };
        await place.write({ ...by, cases });
        this.#progress = { ...progress, done: Object.keys(cases).length };
      }
    } finally {
      await place.close();
    }
  }
}
