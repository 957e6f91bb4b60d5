/**
 * Pretrained networks that stay open while they are asked: the last few, the one that was asked longest ago gives way.
 */
import { type CaseInput, readCaseInput } from '../../data/labelled/index.js';
import { openNetwork } from '../../node/index.js';
import { loadModel } from '../../node/models.js';
import type { Config } from '../../pretrain/config.js';
import type { Network } from '../../use/index.js';

const KEPT = 2;

export class Networks {
  readonly #opened = new Map<string, Promise<Network>>();
  #turn: Promise<unknown> = Promise.resolve();

  /**
   * Asks the network of a run; one question after the other, because they share the cores.
   * @param folder the absolute path of the run
   * @throws InputError where the run has no checkpoint of a pretraining
   */
  async ask<T>(folder: string, question: (network: Network) => Promise<T>): Promise<T> {
    const answer = this.#turn.then(async () => question(await this.#open(folder)));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async close(): Promise<void> {
    await this.#turn;
    const opened = [...this.#opened.values()];
    this.#opened.clear();
    for (const network of opened) await (await network).close();
  }

  /** A run that trains on has newer weights: its network is opened again for another checkpoint. */
  async #open(folder: string): Promise<Network> {
    const model = loadModel(folder);
    const known = this.#opened.get(model.source);
    if (known) {
      this.#opened.delete(model.source);
      this.#opened.set(model.source, known);
      return known;
    }
    for (const [source, network] of [...this.#opened].slice(0, Math.max(0, this.#opened.size - KEPT + 1))) {
      this.#opened.delete(source);
      await (await network).close();
    }
    const opening = openNetwork(model);
    this.#opened.set(model.source, opening);
    opening.catch(() => this.#opened.delete(model.source));
    return opening;
  }
}

/** An image, or a volume for a network of volumes, as a pretrained network takes it. */
export function inputFor({ data, views }: Config, path: string): Promise<CaseInput> {
  return readCaseInput(path, { ...data, size: [], window: views.crop });
}
