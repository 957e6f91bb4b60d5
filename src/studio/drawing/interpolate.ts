/**
 * What lies between labelled slices: the shape of a class in one slice becomes its shape in the next (S. Raya and J.
 * Udupa, Shape-Based Interpolation of Multidimensional Objects, IEEE TMI 9, 1990). The signed distances to its edge, in
 * the plane, are mixed linearly; where they are not negative the class is.
 */
import { squaredDistances } from '../../metrics/distance-transform.js';
import { UNPAINTED } from './map.js';
import { cut, type Slice, sliceAt } from './slices.js';

/**
 * @param data a class for every voxel, 255 where nobody painted
 * @param slice any slice of the plane across whose axis it is interpolated; of a volume
 * @param spacing edges of a voxel along [z, y, x]
 * @returns the labels with what lies between two slices that have the same class, where nobody painted; where several
 * classes would be, the one whose edge is further away
 */
export function interpolated(data: Uint8Array, slice: Slice, spacing: readonly number[]): Uint8Array<ArrayBuffer> {
  const { across, axes, width, height } = slice;
  const result = Uint8Array.from(data);
  if (!across) return result;
  const edges = axes.map((axis) => spacing[axis]!);
  const slices = Array.from({ length: slice.shape[across.axis]! }, (_, index) => {
    const own = sliceAt(slice, index);
    return { own, labels: cut(data, own) };
  });
  const classes = new Set(data);
  /** Of every slice that something was filled in: how far within its class each pixel lies. */
  const depths = new Map<number, Float32Array>();
  for (const label of [...classes].filter((one) => one !== 0 && one !== UNPAINTED).sort()) {
    const labelled = slices.flatMap(({ labels }, index) => (labels.includes(label) ? [index] : []));
    for (const [at, to] of labelled.slice(1).entries()) {
      const from = labelled[at]!;
      if (to - from < 2) continue;
      const [first, last] = [from, to].map((index) =>
        signedDistances(slices[index]!.labels, label, [height, width], edges),
      ) as [Float32Array, Float32Array];
      for (let index = from + 1; index < to; index++) {
        const share = (index - from) / (to - from);
        const best = depths.get(index) ?? new Float32Array(width * height).fill(Number.NEGATIVE_INFINITY);
        depths.set(index, best);
        const { own, labels } = slices[index]!;
        for (let pixel = 0; pixel < labels.length; pixel++) {
          if (labels[pixel] !== UNPAINTED) continue;
          const depth = (1 - share) * first[pixel]! + share * last[pixel]!;
          if (depth < 0 || depth <= best[pixel]!) continue;
          best[pixel] = depth;
          result[own.start + Math.floor(pixel / width) * own.down + (pixel % width) * own.right] = label;
        }
      }
    }
  }
  return result;
}

/** The distance of every pixel to the edge of a class, positive within it: edges lie half-way between pixel centres. */
function signedDistances(
  labels: Uint8Array,
  label: number,
  shape: readonly [number, number],
  edges: readonly number[],
): Float32Array {
  const [inside, outside] = [labels.map((one) => Number(one === label)), labels.map((one) => Number(one !== label))];
  const [toInside, toOutside] = [inside, outside].map((seeds) => squaredDistances(seeds, shape, edges));
  // Of a class that fills its slice there is no outside; it lies beyond all that is there.
  const most = Math.hypot(shape[0] * edges[0]!, shape[1] * edges[1]!);
  const half = Math.min(...edges) / 2;
  return Float32Array.from(labels, (_, pixel) =>
    inside[pixel] === 1
      ? Math.min(most, Math.sqrt(toOutside![pixel]!)) - half
      : half - Math.min(most, Math.sqrt(toInside![pixel]!)),
  );
}
