/** An image or a volume as a network sees it, and where the pixels of its file lie on that. */
import { InputError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';
import type { CaseInput } from '../../data/input.js';
import { gridOf, valuesOf } from '../../data/labelled/recipe.js';
import { kindsOf } from '../../data/taken.js';
import { positionOnGrid } from '../../image/index.js';
import { type Network, workingImage, workingShape } from '../../use/index.js';

/** Along an axis: where the first pixel of the file lies on the grid of the network, and how far from it the next. */
export type Along = readonly [first: number, step: number];

export interface Seen {
  /** `[C, ...S]` in [0, 1] */
  readonly image: Tensor;
  /** Of each axis; volumes are turned to RAS. */
  readonly along: readonly Along[];
}

/** @throws InputError ('shape') where the network takes another number of axes */
export function seen({ model }: Network, input: CaseInput): Seen {
  const { config, source } = model;
  const values = valuesOf(input);
  const own = values.shape.slice(1);
  const found = own.length === 3 ? 'volumes' : 'images';
  const kinds = kindsOf(config);
  if (!kinds.includes(found)) {
    throw new InputError(
      'shape',
      `${source}: expected ${kinds.join(' or ')}, which this network was trained on, found ${found}`,
      'Choose another network, or other files.',
    );
  }
  const working = workingShape(config, own);
  const before = ontoValues(input);
  const along = own.map((extent, axis): Along => {
    const scale = working[axis]! / extent;
    const [first, step] = before[axis] ?? [0, 1];
    return [(first + 0.5) * scale - 0.5, step * scale];
  });
  return { image: workingImage(config, values, working), along };
}

/** The voxels of the file, in RAS, on the grid of an input's values; nothing for an image, whose pixels these are. */
function ontoValues(input: CaseInput): Along[] {
  const grid = gridOf(input);
  if (!grid || !('stored' in input)) return [];
  const [first, next] = [positionOnGrid([0, 0, 0], input.stored, grid), positionOnGrid([1, 1, 1], input.stored, grid)];
  return first.map((at, axis): Along => [at, next[axis]! - at]);
}
