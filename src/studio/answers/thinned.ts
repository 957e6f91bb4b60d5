/**
 * A curve that is thinned out while it grows: neighbours share a bucket, of which the lowest and the highest value are
 * kept, and when there are too many buckets they are joined in pairs. Its shape and its peaks stay, whatever its
 * length, and so does its memory.
 */
import type { Series } from '../shared/protocol.js';

interface Bucket {
  lowStep: number;
  low: number;
  highStep: number;
  high: number;
}

export class ThinnedSeries {
  readonly #most: number;
  #buckets: Bucket[] = [];
  /** Values that share a bucket, and those that are in the last one. */
  #width = 1;
  #inLast = 0;

  /** @param limit the greatest number of points that are kept */
  constructor(limit = 4000) {
    this.#most = limit >> 1;
  }

  add(step: number, value: number): void {
    const one = { lowStep: step, low: value, highStep: step, high: value };
    if (this.#inLast < this.#width && this.#buckets.length > 0) {
      this.#buckets.push(joined(this.#buckets.pop() as Bucket, one));
      this.#inLast++;
      return;
    }
    if (this.#buckets.length >= this.#most) this.#join();
    this.#buckets.push(one);
    this.#inLast = 1;
  }

  get(): Series {
    const [steps, values]: [number[], number[]] = [[], []];
    for (const { lowStep, low, highStep, high } of this.#buckets) {
      const points = [[lowStep, low] as const, [highStep, high] as const];
      if (highStep < lowStep) points.reverse();
      for (const [step, value] of lowStep === highStep ? points.slice(0, 1) : points) {
        steps.push(step);
        values.push(value);
      }
    }
    return { steps, values };
  }

  #join(): void {
    const pairs: Bucket[] = [];
    for (let index = 0; index < this.#buckets.length; index += 2) {
      const [first, second] = this.#buckets.slice(index, index + 2) as [Bucket, Bucket?];
      pairs.push(second ? joined(first, second) : first);
    }
    this.#buckets = pairs;
    this.#width *= 2;
  }
}

function joined(a: Bucket, b: Bucket): Bucket {
  const [low, high] = [b.low < a.low ? b : a, b.high > a.high ? b : a];
  return { lowStep: low.lowStep, low: low.low, highStep: high.highStep, high: high.high };
}
