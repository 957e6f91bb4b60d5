/** The linear probe against ridge regression on the features themselves; what it makes of known features. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { allClose } from '../../testing/all-close.js';
import { solvePositive } from './cholesky.js';
import { linearProbe, nameWanted, preparedFor, vectorProducts } from './probe.js';

const CASES = 6;
const OF_EACH = 20;
const CLASSES = 3;

/** Pixels of six cases in turn through three classes, and what a vector is made of by class, case and noise. */
function samplesOf(make: (label: number, image: number, noise: () => number) => number[]) {
  const random = randomStream('probe', 'test');
  const rows = Array.from({ length: CASES * OF_EACH }, (_, row) => {
    const [label, image] = [row % CLASSES, Math.floor(row / OF_EACH)];
    return { label, image, vector: make(label, image, () => random.normal()) };
  });
  const channels = rows[0]!.vector.length;
  const vectors = Float32Array.from(rows.flatMap(({ vector }) => vector));
  return {
    ...{ channels, vectors, products: vectorProducts(vectors, channels) },
    labels: Uint8Array.from(rows, ({ label }) => label),
    images: Uint16Array.from(rows, ({ image }) => image),
  };
}

test('a system with a known solution', () => {
  const a = Float64Array.of(4, 2, 2, 3);
  allClose(solvePositive(a, Float64Array.of(10, 8, 8, 7), 2), [1.75, 1.25, 1.5, 1.5], { absolute: 1e-12 });
  assert.throws(
    () => solvePositive(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 1), 2),
    /not positive definite at row 1/,
  );
});

test('features that hold the class are named rightly, others by chance, whatever their scale', () => {
  const clear = samplesOf((label, _, noise) => [
    500 + (label === 0 ? 9 : 0) + noise() / 9,
    (label === 1 ? 4 : 0) + noise() / 9,
  ]);
  const found = linearProbe([clear.products], clear, 0)!;
  assert.deepEqual([found.accuracy, found.low, found.high], [1, 1, 1]);
  const blind = samplesOf((_, __, noise) => [noise(), noise(), noise()]);
  const { accuracy, low, high } = linearProbe([blind.products], blind, 0)!;
  assert.ok(accuracy > 0.2 && accuracy < 0.47 && low! < 1 / 3 && high! > 1 / 3, `${low} ${accuracy} ${high}`);
  const scaled = { ...blind, products: blind.products.map((value) => value * 1e6) };
  allClose([linearProbe([scaled.products], scaled, 0)!.accuracy], [accuracy], { absolute: 1e-12 });
  // A level without any contrast adds nothing; one that holds the class does.
  const flat = new Float64Array(blind.products.length).fill(3);
  assert.equal(linearProbe([flat, clear.products], clear, 0)!.accuracy, 1);
  const none = linearProbe([flat], clear, 0)!;
  allClose([none.accuracy], [1 / 3], { absolute: 1e-12 });
});

test('what holds the case and not the class is of no use, for cases are not shared between the halves', () => {
  // Within a case the class could be read from the first channel, but each case has its own code.
  const coded = samplesOf((label, image, noise) => {
    const code = (label * (image % 2 === 0 ? 1 : -1) + CLASSES) % CLASSES;
    return Array.from({ length: CASES * CLASSES }, (_, c) => (c === image * CLASSES + code ? 1 : 0) + noise() / 50);
  });
  const { accuracy } = linearProbe([coded.products], coded, 0)!;
  assert.ok(accuracy < 0.6, `${accuracy}`);
});

/** The classes that ridge regression with an explicit weight matrix gives to the pixels of the other cases. */
function byWeights(levels: readonly ReturnType<typeof samplesOf>[], training: readonly number[], ridge: number) {
  const { labels, images } = levels[0]!;
  const rows = [...labels.keys()].filter((row) => training.includes(images[row]!));
  const meanOver = (of: (row: number) => number) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  const joined: number[][] = Array.from(labels, () => []);
  for (const { vectors, channels } of levels) {
    const means = Array.from({ length: channels }, (_, c) => meanOver((row) => vectors[row * channels + c]!));
    const less = (row: number) => means.map((mean, c) => vectors[row * channels + c]! - mean);
    const square = meanOver((row) => less(row).reduce((sum, value) => sum + value ** 2, 0));
    joined.forEach((own, row) => {
      own.push(...less(row).map((value) => value / Math.sqrt(square * levels.length)));
    });
  }
  const d = joined[0]!.length;
  const shares = Array.from({ length: CLASSES }, (_, k) => meanOver((row) => (labels[row] === k ? 1 : 0)));
  const [gram, right] = [new Float64Array(d * d), new Float64Array(d * CLASSES)];
  for (const row of rows) {
    joined[row]!.forEach((value, i) => {
      joined[row]!.forEach((other, j) => {
        gram[i * d + j]! += value * other;
      });
      shares.forEach((share, k) => {
        right[i * CLASSES + k]! += value * ((labels[row] === k ? 1 : 0) - share);
      });
    });
  }
  for (let i = 0; i < d; i++) gram[i * d + i]! += ridge;
  const weights = solvePositive(gram, right, d);
  return Array.from(labels, (_, row) => {
    const values = shares.map((share, k) =>
      joined[row]!.reduce((sum, value, i) => sum + value * weights[i * CLASSES + k]!, share),
    );
    return rows.includes(row) ? 0 : values.indexOf(Math.max(...values));
  });
}

test('two levels side by side are named as ridge regression on their joined vectors names them', () => {
  const coarse = samplesOf((label, image, noise) => [label + 2 * noise(), 7 + image / 3 + noise(), noise()]);
  const fine = samplesOf((label, _, noise) => [0.01 * (label === 1 ? 1 : 0) + 0.02 * noise(), 0.02 * noise()]);
  const levels = [coarse.products, fine.products];
  const [training, held] = [
    [0, 2, 5],
    [1, 3, 4],
  ];
  const all = Array.from({ length: CLASSES }, (_, label) => label);
  const answers = [0.01, 1, 100].map((ridge) => {
    const named = new Int16Array(coarse.labels.length);
    nameWanted(named, preparedFor(levels, coarse, training!, held!), coarse, all, ridge);
    assert.deepEqual([...named], byWeights([coarse, fine], training!, ridge), `ridge ${ridge}`);
    return named.join();
  });
  assert.notEqual(answers[0], answers[2]);
  const found = linearProbe(levels, coarse, 4)!;
  assert.ok(found.accuracy > 0.4 && found.accuracy < 0.8, `${found.accuracy}`);
  assert.deepEqual(linearProbe(levels, coarse, 4), found);
});

test('one case, or one class, gives no probe', () => {
  const one = samplesOf((label, _, noise) => [label + noise()]);
  assert.equal(linearProbe([one.products], { ...one, images: one.images.map(() => 0) }, 0), null);
  assert.equal(linearProbe([one.products], { ...one, labels: one.labels.map(() => 1) }, 0), null);
});
