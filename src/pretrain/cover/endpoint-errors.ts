/** How COVER is judged on validation samples. */
import { sizeOf } from '../../core/tensor.js';
import type { Tensors } from '../../train/objective.js';
import type { Judgement } from '../method.js';

/** The mean length of `psi' − psi` over all valid pixels, in pixels, beside that of `psi' = 0`. */
export class EndpointErrors implements Judgement {
  #error = 0;
  #zero = 0;
  #valid = 0;

  add({ field, mask }: Tensors, { predicted }: Tensors): void {
    const pixels = sizeOf(mask!.shape);
    for (let pixel = 0; pixel < pixels; pixel++) {
      if (mask!.data[pixel] === 0) continue;
      let [error, zero] = [0, 0];
      for (let axis = pixel; axis < field!.data.length; axis += pixels) {
        error += (predicted!.data[axis]! - field!.data[axis]!) ** 2;
        zero += field!.data[axis]! ** 2;
      }
      this.#error += Math.sqrt(error);
      this.#zero += Math.sqrt(zero);
      this.#valid++;
    }
  }

  result() {
    const valid = Math.max(1, this.#valid);
    return { endpointError: this.#error / valid, zeroEndpointError: this.#zero / valid };
  }
}
