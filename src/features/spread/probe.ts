/**
 * A linear probe: how well a linear map of the features names the class of a pixel. It is ridge regression of one-hot
 * classes in closed form, in the space of the samples: everything is computed from products of feature vectors, so
 * features of several levels side by side are the sum of their products. Every pixel is judged by a probe that has not
 * seen its case.
 */

import { invariant } from '../../core/errors.js';
import { permutation, randomStream } from '../../core/random.js';
import { meanOf } from '../../core/statistics.js';
import { bootstrap } from '../../metrics/bootstrap.js';
import { solvePositive } from './cholesky.js';

/** Strengths of the ridge that are tried, where a product of a vector with itself is 1 on average. */
const RIDGES = [0.001, 0.01, 0.1, 1, 10, 100];
/** Where there are too few cases to choose by. */
const USUAL_RIDGE = 1;

/** Which pixels: n of them. */
export interface ProbeSamples {
  /** The class of each. */
  readonly labels: Uint8Array;
  /** The case that each is from. */
  readonly images: Uint16Array;
}

export interface ProbeScore {
  /** The share of pixels that are named rightly: the mean over the pixels of each class, then over the classes. */
  readonly accuracy: number;
  /** 95 % bootstrap interval over the cases; null where it is not defined. */
  readonly low: number | null;
  readonly high: number | null;
  readonly classes: readonly { readonly label: number; readonly accuracy: number }[];
}

/** All products of feature vectors, `[n, n]`. @param vectors `[n, C]` */
export function vectorProducts(vectors: Float32Array, channels: number): Float64Array {
  const count = vectors.length / channels;
  invariant(Number.isInteger(count), `${vectors.length} values are no rows of ${channels}`);
  const products = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += vectors[i * channels + c]! * vectors[j * channels + c]!;
      products[i * count + j] = products[j * count + i] = sum;
    }
  }
  return products;
}

/**
 * The probe of features at one level or at several, which stand side by side with equal weight. The cases are divided
 * into two halves; the pixels of each are named by a probe of the other. The strength of the ridge is chosen among the
 * training cases, in the same way.
 * @param levels the products of each level's vectors, `[n, n]` each
 * @param seed draws the halves
 * @returns null for fewer than two cases or two classes
 */
export function linearProbe(levels: readonly Float64Array[], samples: ProbeSamples, seed: number): ProbeScore | null {
  const { labels, images } = samples;
  const cases = [...new Set(images)].sort((a, b) => a - b);
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  if (cases.length < 2 || classes.length < 2) return null;
  const named = new Int16Array(labels.length);
  for (const [training, held] of bothWays(halves(cases, seed))) {
    const ridge = chosenRidge(levels, samples, training, classes, seed);
    nameWanted(named, preparedFor(levels, samples, training, held), samples, classes, ridge);
  }
  return scoreOf(named, samples, cases, classes);
}

type Halves = readonly [readonly number[], readonly number[]];

/** The cases in two halves of equal size; the first has one more of an odd number. */
function halves(cases: readonly number[], seed: number): Halves {
  const order = permutation(cases.length, randomStream(seed, cases.length, 'probe'));
  const first = new Set(order.slice(0, Math.ceil(cases.length / 2)));
  return [cases.filter((_, index) => first.has(index)), cases.filter((_, index) => !first.has(index))];
}

const bothWays = ([a, b]: Halves): Halves[] => [
  [a, b],
  [b, a],
];

function rowsOf(images: Uint16Array, cases: readonly number[]): number[] {
  const wanted = new Set(cases);
  return Array.from(images.keys()).filter((row) => wanted.has(images[row]!));
}

/** The strength that names most pixels rightly when half of the cases is named by the other; of equals the largest. */
function chosenRidge(
  levels: readonly Float64Array[],
  samples: ProbeSamples,
  cases: readonly number[],
  classes: readonly number[],
  seed: number,
): number {
  if (cases.length < 2) return USUAL_RIDGE;
  const ways = bothWays(halves(cases, seed)).map(([training, held]) => preparedFor(levels, samples, training, held));
  const within = rowsOf(samples.images, cases);
  const named = new Int16Array(samples.labels.length);
  const scores = RIDGES.map((ridge) => {
    for (const prepared of ways) nameWanted(named, prepared, samples, classes, ridge);
    const recalls = classes.flatMap((label) => {
      const own = within.filter((row) => samples.labels[row] === label);
      return own.length > 0 ? [own.filter((row) => named[row] === label).length / own.length] : [];
    });
    return meanOf(recalls);
  });
  return RIDGES[scores.lastIndexOf(Math.max(...scores))]!;
}

/** What a probe is made of that learns from some rows and names others. */
interface Prepared {
  readonly rows: readonly number[];
  readonly wanted: readonly number[];
  /** The products of the rows, `[n, n]`. */
  readonly own: Float64Array;
  /** The products of the wanted with the rows, `[m, n]`. */
  readonly across: Float64Array;
}

/**
 * The products of vectors less the mean vector of the training rows, of each level in units of their mean square
 * length; the mean over the levels. A level that does not vary adds nothing.
 */
export function preparedFor(
  levels: readonly Float64Array[],
  { images }: ProbeSamples,
  training: readonly number[],
  held: readonly number[],
): Prepared {
  const [rows, wanted] = [rowsOf(images, training), rowsOf(images, held)];
  const n = rows.length;
  const [own, across] = [new Float64Array(n * n), new Float64Array(wanted.length * n)];
  for (const products of levels) {
    const at = (row: number, column: number) => products[row * images.length + column]!;
    const meansOf = (from: readonly number[]) =>
      from.map((row) => rows.reduce((sum, column) => sum + at(row, column), 0) / n);
    const means = meansOf(rows);
    const grand = meanOf(means);
    const length = rows.reduce((sum, row) => sum + at(row, row), 0) / n;
    const square = length - grand;
    if (!(square > 1e-12 * length)) continue;
    const scale = 1 / (square * levels.length);
    const addTo = (sums: Float64Array, from: readonly number[], ofFrom: readonly number[]) =>
      from.forEach((row, i) => {
        rows.forEach((column, j) => {
          sums[i * n + j]! += (at(row, column) - ofFrom[i]! - means[j]! + grand) * scale;
        });
      });
    addTo(own, rows, means);
    addTo(across, wanted, meansOf(wanted));
  }
  return { rows, wanted, own, across };
}

/** Writes the classes that a probe gives to the wanted rows. */
export function nameWanted(
  named: Int16Array,
  { rows, wanted, own, across }: Prepared,
  { labels }: ProbeSamples,
  classes: readonly number[],
  ridge: number,
): void {
  const [n, k] = [rows.length, classes.length];
  const shares = classes.map((label) => rows.filter((row) => labels[row] === label).length / n);
  const targets = new Float64Array(n * k);
  const matrix = own.slice();
  rows.forEach((row, i) => {
    matrix[i * n + i]! += ridge;
    classes.forEach((label, c) => {
      targets[i * k + c] = (labels[row] === label ? 1 : 0) - shares[c]!;
    });
  });
  const weights = solvePositive(matrix, targets, n);
  wanted.forEach((row, i) => {
    let [best, most] = [0, -Infinity];
    for (let c = 0; c < k; c++) {
      let value = shares[c]!;
      for (let j = 0; j < n; j++) value += across[i * n + j]! * weights[j * k + c]!;
      if (value > most) [best, most] = [c, value];
    }
    named[row] = classes[best]!;
  });
}

function scoreOf(
  named: Int16Array,
  { labels, images }: ProbeSamples,
  cases: readonly number[],
  classes: readonly number[],
): ProbeScore {
  const [k, at] = [classes.length, new Map(cases.map((one, index) => [one, index]))];
  /** By case and class: pixels, and those that are named rightly. */
  const [pixels, right] = [new Float64Array(cases.length * k), new Float64Array(cases.length * k)];
  labels.forEach((label, row) => {
    const cell = at.get(images[row]!)! * k + classes.indexOf(label);
    pixels[cell]!++;
    if (named[row] === label) right[cell]!++;
  });
  const recalls = (counts: Uint32Array) =>
    classes.map((_, c) => {
      const sum = (table: Float64Array) => cases.reduce((total, _, i) => total + counts[i]! * table[i * k + c]!, 0);
      return sum(right) / sum(pixels);
    });
  const [mean, ...own] = bootstrap(cases.length, (counts) => {
    // A draw of cases may lack a class.
    const found = recalls(counts);
    const there = found.filter((recall) => !Number.isNaN(recall));
    return [there.reduce((sum, recall) => sum + recall, 0) / there.length, ...found];
  });
  return {
    accuracy: mean!.value!,
    low: mean!.low,
    high: mean!.high,
    classes: classes.map((label, c) => ({ label, accuracy: own[c]!.value! })),
  };
}
