/** Votes of an atlas, by networks whose displacements are known. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../core/errors.js';
import { tensor } from '../../core/tensor.js';
import type { CaseRecipe } from '../../data/labelled/index.js';
import { smallModel } from '../fixtures.js';
import { backboneOf } from '../model.js';
import type { Network } from '../network.js';
import { type AtlasCase, createAtlasSegmenter } from './atlas.js';
import { segment } from './segment.js';

const SIDE = 16;
const PIXELS = SIDE * SIDE;
const size = [SIDE, SIDE];
const recipe: CaseRecipe = {
  ...{ channels: 1, size, window: size, fit: 'resize', spacing: null, intensity: 'auto', antialias: true },
};

/** Every pixel of the fixed image lies so many pixels further in the moving one; `seen` has the latter's values. */
function shifting(rows: number, columns: number, seen: number[] = []): Network {
  return {
    model: smallModel(),
    device: 'cpu',
    programs: 0,
    async run(_name, _build, { moving }) {
      seen.push(moving!.data[0]!);
      const data = new Float32Array(2 * PIXELS).fill(rows, 0, PIXELS).fill(columns, PIXELS);
      return { predicted: tensor([1, 2, ...size], data) };
    },
    close: async () => {},
  };
}

/** A case with some pixels of each class; its image has one value. */
function caseOf(value: number, pixels: Readonly<Record<string, number>>, sets = false): AtlasCase {
  const labels = new Uint8Array(PIXELS);
  for (const [place, label] of Object.entries(pixels)) {
    const [row, column] = place.split(',').map(Number) as [number, number];
    labels[row * SIDE + column] = label;
  }
  return {
    image: tensor([1, ...size], new Float32Array(PIXELS).fill(value)),
    labels: { shape: size, data: labels, sets },
  };
}

const image = tensor([1, ...size], new Float32Array(PIXELS).fill(0.5));
const options = { recipe, classes: ['background', 'lung', 'heart'], multiLabel: false };

function places(data: Uint8Array): Record<string, number> {
  const found = [...data.entries()].filter(([, label]) => label !== 0);
  return Object.fromEntries(found.map(([at, label]) => [`${Math.floor(at / SIDE)},${at % SIDE}`, label]));
}

test('a label lies where its pixel went; what comes from outside is background', async () => {
  const one = caseOf(0.1, { '5,6': 1, '5,7': 2, '0,0': 2, '15,15': 1, '9,9': 255 });
  const { labels, probabilities } = await segment(createAtlasSegmenter(shifting(2, -1), [one], options), image, {
    probabilities: true,
  });
  assert.deepEqual(places(labels.data), { '3,7': 1, '3,8': 2 });
  const sums = new Set(
    image.data.map((_, at) => [0, 1, 2].reduce((all, k) => all + probabilities!.data[k * PIXELS + at]!, 0)),
  );
  assert.deepEqual([...sums], [1]);
});

test('cases vote: the class of most of them, and none below a half', async () => {
  const seen: number[] = [];
  const cases = [
    caseOf(0.1, { '5,5': 1, '6,6': 1, '7,7': 1 }),
    caseOf(0.2, { '5,5': 1, '6,6': 2, '7,7': 0 }),
    caseOf(0.3, { '5,5': 2, '6,6': 2, '7,7': 0 }),
  ];
  const segmenter = createAtlasSegmenter(shifting(0, 0, seen), cases, options);
  const { labels, probabilities } = await segment(segmenter, image, { probabilities: true });
  assert.deepEqual(places(labels.data), { '5,5': 1, '6,6': 2 });
  assert.deepEqual(
    seen.map((value) => Math.round(10 * value)),
    [1, 2, 3],
  );
  const at = 5 * SIDE + 5;
  const found = [0, 1, 2].map((k) => Math.round(300 * probabilities!.data[k * PIXELS + at]!));
  assert.deepEqual(found, [0, 200, 100]);
});

test('classes that overlap are laid over one by one', async () => {
  const cases = [caseOf(0.1, { '4,4': 3, '8,8': 1 }, true)];
  const { labels } = await segment(
    createAtlasSegmenter(shifting(1, 1), cases, { ...options, multiLabel: true }),
    image,
  );
  assert.equal(labels.sets, true);
  assert.deepEqual(places(labels.data), { '3,3': 3, '7,7': 1 });
});

test('no labelled image, and a network without displacements, are refused', () => {
  const refused = (network: Network, cases: readonly AtlasCase[], code: string) =>
    assert.throws(
      () => createAtlasSegmenter(network, cases, options),
      (error) => error instanceof InputError && error.code === code,
    );
  refused(shifting(0, 0), [], 'config');
  refused({ ...shifting(0, 0), model: backboneOf(smallModel()) }, [caseOf(0, {})], 'weights');
  refused({ ...shifting(0, 0), model: smallModel('method=contrast') }, [caseOf(0, {})], 'weights');
});
