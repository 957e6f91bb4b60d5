/**
 * What a fine-tuned network makes of its cases: predicted one after the other and kept in memory, so that the page can
 * go through them from the worst. Cases whose image lies outside of the folder of the data are not shown.
 */

import { meanDefined } from '../../../core/statistics.js';
import { type Labels, readLabels } from '../../../data/labelled/index.js';
import type { Split } from '../../../finetune/cases.js';
import { classDices } from '../../../finetune/segmentation/look.js';
import { evaluationCases, openSegmenter } from '../../../node/index.js';
import { loadFinetuned } from '../../../node/models.js';
import { segment } from '../../../use/segmentation/segment.js';
import { inCanonical } from '../../answers/prediction.js';
import { noResults, type Results } from '../../shared/protocol.js';
import { inputWithin } from '../data/read.js';
import { existingPath, pathBelow } from '../paths.js';
import { refused } from '../refused.js';

interface Maps {
  readonly prediction: Uint8Array;
  readonly truth: Uint8Array;
}

/** Maps that are kept, in bytes. */
const MOST = 2 ** 28;

export class ResultKeeper {
  readonly #data: string;
  #results: Results | null = null;
  #maps = new Map<string, Maps>();
  #round = 0;

  constructor(data: string) {
    this.#data = data;
  }

  /** The results so far; begins where they are of another run or part. @param folder the absolute path of the run */
  get(run: string, folder: string, split: Split): Results {
    const known = this.#results;
    if (known?.run === run && known.split === split && !known.error) return known;
    const round = ++this.#round;
    this.#maps = new Map();
    this.#results = noResults(run, split);
    this.#all(folder, split, round).catch((error: unknown) => {
      if (round !== this.#round || !this.#results) return;
      this.#results = { ...this.#results, error: error instanceof Error ? error.message : String(error) };
    });
    return this.#results;
  }

  maps(id: string): Maps {
    const found = this.#maps.get(id);
    if (found) return found;
    throw refused(404, `${id}: this case was not predicted yet`);
  }

  async #all(folder: string, split: Split, round: number): Promise<void> {
    const model = loadFinetuned(folder);
    const { config, classes } = model;
    if (config.data.multiLabel)
      throw refused(409, 'classes that overlap are not shown here yet: cover evaluate scores them');
    const { cases: found } = await evaluationCases(model, { split });
    const all = found.map((one) => ({ ...one, path: this.#within(one.image) }));
    const cases = all.filter((one) => one.path !== null);
    const outside = all.length - cases.length;
    const single = config.data.removeIslands ?? [];
    this.#results = { ...this.#results!, classes, single, total: cases.length, outside };
    const segmenter = await openSegmenter(model);
    try {
      let bytes = 0;
      for (const { id, image, label, values, path } of cases) {
        const input = await inputWithin(this.#data, image, segmenter);
        const labels = inCanonical((await segment(segmenter, input)).labels);
        const truth: Labels = await readLabels(label as string, values);
        if (round !== this.#round) return;
        bytes += 2 * labels.data.length;
        if (bytes < MOST) this.#maps.set(id, { prediction: labels.data, truth: truth.data });
        const dices = classDices(labels, truth, classes.length, config.data.ignore);
        const found = { id, path: path!, dices, dice: meanDefined(dices) };
        this.#results = { ...this.#results!, cases: [...this.#results!.cases, found] };
      }
    } finally {
      await segmenter.close();
    }
  }

  #within(image: string): string | null {
    try {
      return pathBelow(this.#data, existingPath(this.#data, pathBelow(this.#data, image)));
    } catch {
      return null;
    }
  }
}
