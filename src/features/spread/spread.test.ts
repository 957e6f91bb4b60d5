/** The measures on values computed by hand. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { tensor } from '../../core/tensor.js';
import { allClose } from '../../testing/all-close.js';
import { classDistances, pairwiseDistances } from './distances.js';
import { neighbourAgreement, silhouette } from './neighbours.js';
import { drawPlaces, type FeatureSamples, featuresAt } from './samples.js';
import { spatialCorrelation } from './spatial-correlation.js';
import { singularSpectrum } from './spectrum.js';
import { affinities, tsne } from './tsne.js';

const close = (found: number | null | undefined, expected: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(found! - expected) <= tolerance, `expected ${expected}, found ${found}`);

function samplesOf(rows: readonly (readonly number[])[], labels: readonly number[], images?: readonly number[]) {
  return {
    vectors: Float32Array.from(rows.flat()),
    channels: rows[0]!.length,
    labels: Uint8Array.from(labels),
    images: Uint16Array.from(images ?? rows.map(() => 0)),
  } satisfies FeatureSamples;
}

test('cosine distances within and between classes', () => {
  // Class 0 along x, twice, of other lengths; class 1 along y and at 45° to it.
  const samples = samplesOf(
    [
      [1, 0],
      [3, 0],
      [0, 2],
      [-1, 1],
    ],
    [0, 0, 1, 1],
  );
  const distances = pairwiseDistances(samples, 'cosine');
  const half = Math.SQRT1_2;
  const expected = [0, 0, 1, 1 + half, 0, 0, 1, 1 + half, 1, 1, 0, 1 - half, 1 + half, 1 + half, 1 - half, 0];
  allClose(distances, expected);
  const { intra, inter, ratio, classes } = classDistances(distances, samples.labels);
  close(intra, (1 - half) / 2);
  close(inter, 1 + half / 2);
  close(ratio, (1 - half) / 2 / (1 + half / 2));
  assert.deepEqual(
    classes.map(({ label }) => label),
    [0, 1],
  );
});

test('Euclidean distances are of centred features and without a scale', () => {
  const line = samplesOf([[10], [12], [14], [16]], [0, 0, 1, 1]);
  // Deviations −3, −1, 1, 3: root mean square √5.
  const expected = [2, 4, 6].map((value) => value / Math.sqrt(5));
  const distances = pairwiseDistances(line, 'euclidean');
  allClose(distances.subarray(1, 4), expected);
  const scaled = pairwiseDistances({ ...line, vectors: line.vectors.map((value) => 7 * value + 100) }, 'euclidean');
  allClose(scaled, distances, { absolute: 1e-5 });
  const { intra, inter, ratio } = classDistances(distances, line.labels);
  close(intra, 2 / Math.sqrt(5));
  close(inter, 4 / Math.sqrt(5));
  close(ratio, 0.5);
  const single = classDistances(distances, Uint8Array.of(0, 0, 0, 0));
  assert.deepEqual([single.inter, single.ratio], [null, null]);
  const equal = pairwiseDistances(samplesOf([[1], [1]], [0, 1]), 'euclidean');
  assert.deepEqual(classDistances(equal, Uint8Array.of(0, 1)).ratio, null);
});

test('neighbours are counted by class, and in other images', () => {
  // On a line: class 0 at 0, 1, 5; class 1 at 4, 9.
  const places = [0, 1, 5, 4, 9];
  const distances = Float32Array.from(places.flatMap((a) => places.map((b) => Math.abs(a - b))));
  const labels = Uint8Array.of(0, 0, 0, 1, 1);
  const one = new Uint16Array(5);
  // k = 1: 0 → 1 yes, 1 → 0 yes, 5 → 4 no; 4 → 5 no, 9 → 5 no.
  close(neighbourAgreement(distances, labels, one, 1), (2 / 3 + 0) / 2);
  // k = 2: 0 → 1, 4 half; 1 → 0, 4 half; 5 → 4, 1 or 9 (4 away both; the first) half; 4 → 5, 1 none; 9 → 5, 4 half.
  close(neighbourAgreement(distances, labels, one, 2), (0.5 + 0.25) / 2);
  // Images 0, 0, 1, 1, 0: 0 → 4 no, 1 → 4 no, 5 → 1 yes (as near as 9, and first); 4 → 1 no, 9 → 5 no.
  close(neighbourAgreement(distances, labels, Uint16Array.of(0, 0, 1, 1, 0), 1), 1 / 3 / 2);
  assert.equal(neighbourAgreement(Float32Array.of(0), Uint8Array.of(0), new Uint16Array(1), 1), null);
});

test('the silhouette of two groups on a line', () => {
  const places = [0, 2, 10];
  const distances = Float32Array.from(places.flatMap((a) => places.map((b) => Math.abs(a - b))));
  // 0: a = 2, b = 10; 2: a = 2, b = 8; 10 is alone.
  close(silhouette(distances, Uint8Array.of(0, 0, 1)), (0.8 + 0.75 + 0) / 3);
  assert.equal(silhouette(distances, new Uint8Array(3)), null);
});

test('the correlation of features falls with the distance of pixels', () => {
  // Period 4 along x: cos of 90° a pixel.
  const wave = Float32Array.from({ length: 2 * 3 * 16 }, (_, at) => {
    const angle = ((at % 16) * Math.PI) / 2;
    return at < 48 ? Math.cos(angle) : Math.sin(angle);
  });
  // Rows are alike: 3 rows, 2 pairs of rows a pixel apart; along x the cosine of the angle.
  const [still, next, second, far] = spatialCorrelation(tensor([2, 3, 16], wave), [0, 1, 2, 16]);
  close(still, 1);
  close(next, (2 * 16 * 1 + 3 * 15 * 0) / (2 * 16 + 3 * 15));
  close(second, (16 * 1 - 3 * 14) / (16 + 3 * 14));
  assert.equal(far, null);
  assert.deepEqual(spatialCorrelation(tensor([1, 2, 2]), [1]), [null]);
});

test('the singular spectrum of unit vectors along the axes', () => {
  const cross = samplesOf(
    [
      [1, 0, 0],
      [-5, 0, 0],
      [0, 1, 0],
      [0, -2, 0],
    ],
    [0, 0, 0, 0],
  );
  assert.deepEqual(
    singularSpectrum(cross).map((value) => Number(value.toFixed(6))),
    [0.5, 0.5, 0],
  );
  assert.deepEqual(
    singularSpectrum(
      samplesOf(
        [
          [1, 1],
          [2, 2],
        ],
        [0, 0],
      ),
    ),
    [0, 0],
  );
});

test('places are drawn by class, over the images, the same for a seed', () => {
  const map = (values: readonly number[]) => ({ shape: [2, 4], data: Uint8Array.from(values) });
  const maps = [map([0, 0, 0, 0, 1, 1, 255, 0]), map([0, 0, 0, 0, 0, 0, 0, 0])];
  const places = drawPlaces(maps, 9, 3);
  assert.deepEqual(places, drawPlaces(maps, 9, 3));
  const count = (image: number, label: number) =>
    places.filter((one) => one.image === image && one.label === label).length;
  assert.deepEqual([count(0, 0), count(1, 0), count(0, 1), places.length], [2, 2, 2, 6]);
  for (const { image, label, place } of places) {
    const [row, column] = [place[0]! * 2 - 0.5, place[1]! * 4 - 0.5];
    assert.equal(maps[image]!.data[row * 4 + column], label);
  }
});

test('features are read at places, between pixels', () => {
  const features = tensor([2, 1, 2], Float32Array.of(0, 4, 10, 30));
  const found = featuresAt(features, [
    [0.5, 0.25],
    [0.5, 0.5],
    [0.5, 1],
  ]);
  assert.deepEqual([...found], [0, 10, 2, 20, 4, 30]);
});

test('affinities have the perplexity that was asked for', () => {
  const count = 12;
  const squares = Float64Array.from({ length: count * count }, (_, at) => (Math.floor(at / count) - (at % count)) ** 2);
  const p = affinities(squares, 3);
  close(
    p.reduce((sum, value) => sum + value, 0),
    1,
    1e-9,
  );
  const turned = p.map((_, at) => p[(at % count) * count + Math.floor(at / count)]!);
  allClose(p, turned, { absolute: 1e-12 });
  // Equal distances: every neighbour is as likely.
  const equal = affinities(
    Float64Array.from({ length: 16 }, (_, at) => (at % 5 ? 1 : 0)),
    3,
  );
  allClose(
    equal,
    equal.map((_, at) => (at % 5 ? 1 / 12 : 0)),
    { absolute: 1e-9 },
  );
});

test('t-SNE keeps groups together and apart, and is the same every time', () => {
  const random = randomStream(1, 'groups');
  const centres = [
    [5, 0, 0],
    [0, 5, 0],
    [0, 0, 5],
  ];
  const labels = Array.from({ length: 45 }, (_, index) => index % 3);
  const rows = labels.map((label) => centres[label]!.map((value) => value + random.normal(0, 0.5)));
  const samples = samplesOf(rows, labels);
  const { points, divergence } = tsne(samples, { perplexity: 8, iterations: 250 });
  assert.deepEqual(points, tsne(samples, { perplexity: 8, iterations: 250 }).points);
  const flat = { ...samples, vectors: Float32Array.from(points), channels: 2 };
  const { ratio } = classDistances(pairwiseDistances(flat, 'euclidean'), samples.labels);
  assert.ok(ratio! < 0.4, `ratio ${ratio}`);
  assert.ok(divergence > 0 && divergence < 0.6, `divergence ${divergence}`);
  assert.throws(() => tsne(samplesOf([[1], [2]], [0, 1])), /4 to 2000 points for a t-SNE, found 2/);
});
