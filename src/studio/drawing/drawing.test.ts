import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tensor } from '../../core/tensor.js';
import { openNetwork } from '../../node/index.js';
import { allClose } from '../../testing/all-close.js';
import { chest, smallModel } from '../../use/fixtures.js';
import { backboneFeatures, levels, matchPoints } from '../../use/index.js';
import { alikeInFeatures } from './alike.js';
import { grow, withoutHoles } from './grow.js';
import { interpolated } from './interpolate.js';
import { bestPlace, featuresAt, imageFeatures, likeness } from './likeness.js';
import {
  changedBy,
  changesOf,
  emptyMap,
  History,
  KEPT,
  type LabelMap,
  mapIn,
  packed,
  paint,
  type Region,
  replace,
  UNPAINTED,
  unpacked,
  wholeMap,
} from './map.js';
import { brush, polygon } from './shapes.js';
import { cut, fieldIn, pixelAt, pointAt, slicesThrough, spotOf } from './slices.js';

const picture = ({ width, height, data }: LabelMap) =>
  Array.from({ length: height }, (_, y) =>
    [...data.subarray(y * width, (y + 1) * width)].map((value) => (value === 255 ? '.' : String(value))).join(''),
  );

const painted = (width: number, height: number, region: Region) => {
  const map = emptyMap(width, height);
  paint(map, region, 1);
  return picture(map);
};

test('a brush paints a disc, and a capsule along its way; outside of the image nothing', () => {
  assert.deepEqual(painted(5, 5, brush({ x: 2.5, y: 2.5 }, { x: 2.5, y: 2.5 }, 1.2, { width: 5, height: 5 })), [
    '.....',
    '..1..',
    '.111.',
    '..1..',
    '.....',
  ]);
  assert.deepEqual(painted(5, 3, brush({ x: 0.5, y: 1.5 }, { x: 3.5, y: 1.5 }, 0, { width: 5, height: 3 })), [
    '.....',
    '1111.',
    '.....',
  ]);
  assert.deepEqual(painted(2, 2, brush({ x: -9, y: -9 }, { x: -8, y: -9 }, 2, { width: 2, height: 2 })), ['..', '..']);
});

test('a polygon has the pixels whose centres it surrounds', () => {
  const corners = [
    { x: 1, y: 1 },
    { x: 4, y: 1 },
    { x: 4, y: 3 },
    { x: 1, y: 3 },
  ];
  assert.deepEqual(painted(5, 4, polygon(corners, { width: 5, height: 4 })), ['.....', '.111.', '.111.', '.....']);
});

test('a region grows over neighbours that are alike, not over corners; its holes can be filled', () => {
  const rows = ['11011', '10001', '11111', '00001'];
  const values = rows.join('');
  const region = grow({ width: 5, height: 4 }, { x: 0.2, y: 0.9 }, (pixel) => values[pixel] === '1');
  assert.deepEqual(painted(5, 4, region), ['11.11', '1...1', '11111', '....1']);
  const ring = { box: { left: 0, top: 0, right: 3, bottom: 3 }, inside: Uint8Array.of(1, 1, 1, 1, 0, 1, 1, 1, 1) };
  assert.deepEqual(painted(3, 3, withoutHoles(ring)), ['111', '111', '111']);
  assert.deepEqual(painted(5, 4, withoutHoles(region)), ['11.11', '1...1', '11111', '....1']);
});

test('whatever is drawn, undo leads back to every state before, and redo forth again', () => {
  const spot = fc.record({ x: fc.integer({ min: -3, max: 12 }), y: fc.integer({ min: -3, max: 12 }) });
  const action = fc.record({ from: spot, to: spot, radius: fc.nat(4), label: fc.nat(3), join: fc.boolean() });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
      const map = emptyMap(9, 8);
      const history = new History();
      const states = [packed(map.data)];
      for (const { from, to, radius, label, join } of actions) {
        const mark = history.mark;
        history.add(paint(map, brush(from, to, radius, map), label));
        if (join) history.add(paint(map, brush(to, from, 1, map), 3 - label));
        history.join(mark);
        if (packed(map.data) !== states.at(-1) || history.mark > mark) states.push(packed(map.data));
      }
      for (const state of states.slice(0, -1).toReversed()) {
        assert.ok(history.undo());
        assert.equal(packed(map.data), state);
      }
      assert.equal(history.undo(), false);
      for (const state of states.slice(1)) {
        assert.ok(history.redo());
        assert.equal(packed(map.data), state);
      }
    }),
  );
});

test('only chosen classes are painted over; a map is taken over as a whole', () => {
  const map = emptyMap(2, 1);
  map.data[0] = 1;
  const all = brush({ x: 1, y: 0.5 }, { x: 1, y: 0.5 }, 3, map);
  assert.ok(paint(map, all, 2, new Set([255])));
  assert.deepEqual([...map.data], [1, 2]);
  assert.equal(paint(map, all, 2, new Set([255])), undefined);
  assert.ok(replace(map, Uint8Array.of(0, 0)));
  assert.equal(replace(map, Uint8Array.of(0, 0)), undefined);
});

test('what two drew in one map is in it, whoever is written last; a map laid over another takes its place', () => {
  const base = Uint8Array.of(UNPAINTED, 1, 2);
  const [one, other] = [Uint8Array.of(1, 1, 2), Uint8Array.of(UNPAINTED, 1, UNPAINTED)];
  assert.deepEqual(changesOf(base, one), Uint8Array.of(1, KEPT, KEPT));
  for (const [a, b] of [
    [one, other],
    [other, one],
  ] as const) {
    assert.deepEqual(
      changedBy(changedBy(base, changesOf(base, a)), changesOf(base, b)),
      Uint8Array.of(1, 1, UNPAINTED),
    );
  }
  assert.deepEqual(changedBy(base, one), one);
  assert.deepEqual(changedBy(undefined, Uint8Array.of(KEPT, 1)), Uint8Array.of(UNPAINTED, 1));
});

test('a map as text comes back as it was; a text that was cut short does not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), (data) => {
      const text = packed(data);
      assert.deepEqual(unpacked(text, data.length), new Uint8Array(data));
      assert.equal(unpacked(text, data.length + 1), undefined);
    }),
  );
  for (const text of ['', 'x', '1:', '1:0', '1:2,', '8f:2']) assert.equal(unpacked(text, 2), undefined);
});

test('likeness is that of cover match: the same place and the same similarity', async () => {
  const network = await openNetwork(smallModel());
  try {
    // At the size of the training, so that nothing is scaled before the network.
    const [a, b] = [chest(48, 48, 1), chest(48, 48, 2)];
    const grid = [48, 48] as const;
    const of = async (image: typeof a) => {
      const found = await backboneFeatures(network, image, levels);
      return imageFeatures(
        grid,
        found.map((features, index) => ({
          features: tensor(features.shape, features.data),
          span: [48 / 2 ** (4 - index), 48 / 2 ** (4 - index)],
        })),
      );
    };
    const [ofA, ofB] = [await of(a), await of(b)];
    for (const point of [
      { x: 10, y: 20 },
      { x: 30.5, y: 11.25 },
    ]) {
      const [match] = await matchPoints(network, a, b, [point]);
      const map = likeness(ofB, featuresAt(ofA, [point.y, point.x]));
      const [y, x] = bestPlace(map, grid);
      assert.deepEqual({ x, y }, match!.to);
      allClose(map, match!.map.data, { absolute: 1e-5 });
    }
  } finally {
    await network.close();
  }
});

/** A volume of 4 × 5 × 6 whose values are 100 z + 10 y + x. */
const shape = [4, 5, 6] as const;
const numbered = Float32Array.from(
  { length: 120 },
  (_, at) => 100 * Math.floor(at / 30) + 10 * (Math.floor(at / 6) % 5) + (at % 6),
);

test('planes of a volume are seen as radiologists see them, and a spot leads to its voxel and back', () => {
  const slices = slicesThrough(shape, [1, 2, 3]);
  assert.deepEqual(
    slices.map(({ name, width, height }) => [name, width, height]),
    [
      ['axial', 6, 5],
      ['coronal', 6, 4],
      ['sagittal', 5, 4],
    ],
  );
  const [axial, coronal, sagittal] = slices.map((slice) => cut(numbered, slice));
  // From the front of the patient to the back, from the right to the left; from the head to the feet.
  assert.deepEqual([...axial!.subarray(0, 6)], [145, 144, 143, 142, 141, 140]);
  assert.deepEqual([...coronal!.subarray(0, 6)], [325, 324, 323, 322, 321, 320]);
  assert.deepEqual([...sagittal!.subarray(0, 5)], [343, 333, 323, 313, 303]);
  for (const slice of slices) {
    const values = cut(numbered, slice);
    for (let pixel = 0; pixel < values.length; pixel++) {
      const spot = { x: (pixel % slice.width) + 0.5, y: Math.floor(pixel / slice.width) + 0.5 };
      const [z, y, x] = pixelAt(slice, spot) as [number, number, number];
      assert.equal(100 * z + 10 * y + x, values[pixel]);
      assert.deepEqual(pointAt(slice, spot), [z, y, x]);
      assert.deepEqual(spotOf(slice, [z, y, x]), spot);
    }
  }
  const [only, ...others] = slicesThrough([2, 3], [0, 0]);
  assert.deepEqual(others, []);
  assert.deepEqual(cut(Float32Array.of(1, 2, 3, 4, 5, 6), only!), Float32Array.of(1, 2, 3, 4, 5, 6));
  // A vector towards the back and the left of the patient points down and to the right in the axial plane.
  const field = Float32Array.from({ length: 360 }, (_, at) => [0.5, -2, -3][Math.floor(at / 120)]!);
  const seen = fieldIn(field, slices[0]!);
  assert.deepEqual([seen[0], seen[30]], [2, 3]);
});

test('what is drawn in a plane lies in the volume, and undo takes back changes of different planes', () => {
  const data = new Uint8Array(120).fill(UNPAINTED);
  const history = new History();
  const [axial, , sagittal] = slicesThrough(shape, [1, 2, 3]);
  const states = [packed(data)];
  for (const slice of [axial!, sagittal!]) {
    const map = mapIn(slice, data);
    const spot = spotOf(slice, [1, 2, 3]);
    history.add(paint(map, brush(spot, spot, 0, map), slice === axial ? 1 : 2));
    states.push(packed(data));
  }
  const at = 30 + 2 * 6 + 3;
  assert.deepEqual([data[at], data.filter((value) => value !== UNPAINTED).length], [2, 1]);
  history.add(replace(wholeMap(shape, data), data.with(5, 3)));
  assert.equal(data[5], 3);
  for (const state of states.toReversed()) {
    assert.ok(history.undo() || state === states[0]);
    assert.equal(packed(data), state);
  }
});

test('a click in a plane of a volume grows by the features that the network has on a coarser grid', () => {
  // Twice as many voxels as the network saw along each axis; the left and the right half differ in their features.
  const [grid, size] = [
    [2, 3, 4],
    [4, 6, 8],
  ];
  const data = Float32Array.from({ length: 48 }, (_, at) => Number(at % 4 < 2 === at < 24));
  const along = grid.map((): [number, number] => [-0.25, 0.5]);
  const features = imageFeatures(grid, [{ features: tensor([2, ...grid], data), span: grid }], along);
  const values = new Float32Array(4 * 6 * 8).fill(7);
  for (const slice of slicesThrough(size, [3, 2, 1]).slice(0, 2)) {
    const like = alikeInFeatures(features, cut(values, slice), slice, spotOf(slice, [3, 2, 1]))(1);
    const map = mapIn(slice, new Uint8Array(values.length).fill(UNPAINTED));
    paint(map, grow(map, spotOf(slice, [3, 2, 1]), like), 1);
    const found = slicesThrough(size, [3, 2, 1]).find(({ name }) => name === slice.name)!;
    const rows = cut(map.data, found);
    // The low ends of x lie at the left of the patient, which is seen at the right.
    const columns = Array.from({ length: 8 }, (_, x) => rows[x] === 1);
    assert.deepEqual(columns, [false, false, false, false, true, true, true, true]);
    assert.equal(rows.filter((value) => value === 1).length, rows.length / 2);
  }
});

test('between two labelled slices a class changes from one shape to the other, where nobody painted', () => {
  const size = [9, 20, 20] as const;
  const data = new Uint8Array(9 * 400).fill(UNPAINTED);
  const disc = (z: number, radius: number, label: number) => {
    const slice = slicesThrough(size, [z, 10, 10])[0]!;
    const map = mapIn(slice, data);
    paint(map, brush({ x: 10, y: 10 }, { x: 10, y: 10 }, radius, map), label);
  };
  disc(1, 3, 1);
  disc(7, 8, 1);
  data[4 * 400 + 10 * 20 + 10] = 2;
  const found = interpolated(data, slicesThrough(size, [0, 0, 0])[0]!, [5, 1, 1]);
  const areas = Array.from(
    { length: 9 },
    (_, z) => found.subarray(z * 400, (z + 1) * 400).filter((v) => v === 1).length,
  );
  assert.deepEqual([areas[0], areas[8]], [0, 0]);
  for (let z = 2; z <= 7; z++) assert.ok(areas[z]! > areas[z - 1]!, areas.join(' '));
  // Half-way the radius is half-way, too; what was painted there stays.
  assert.ok(Math.abs(Math.sqrt((areas[4]! + 1) / Math.PI) - 5.5) < 0.4, `${areas[4]} pixels`);
  assert.equal(found[4 * 400 + 10 * 20 + 10], 2);
  assert.deepEqual(found.subarray(400, 800), data.subarray(400, 800));
  // Along another axis nothing lies between.
  assert.deepEqual(interpolated(found, slicesThrough(size, [0, 0, 0])[1]!, [1, 1, 1]), found);
  const image = slicesThrough([3, 2], [0, 0])[0]!;
  assert.deepEqual(
    interpolated(Uint8Array.of(1, 255, 255, 255, 1, 255), image, [1, 1]),
    Uint8Array.of(1, 255, 255, 255, 1, 255),
  );
});
