/** For methods that are judged by their own loss: its mean over the validation samples. */
import type { Tensors } from '../train/objective.js';
import type { Judgement } from './method.js';

/** Takes the output `loss` of a look, one number for each sample. */
export class MeanLoss implements Judgement {
  #sum = 0;
  #count = 0;

  add(_sample: Tensors, { loss }: Tensors): void {
    this.#sum += loss!.data[0]!;
    this.#count++;
  }

  result() {
    return { loss: this.#sum / Math.max(1, this.#count) };
  }
}
