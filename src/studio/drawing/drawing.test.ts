import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tensor } from '../../core/tensor.js';
import { openNetwork } from '../../node/index.js';
import { allClose } from '../../testing/all-close.js';
import { chest, smallModel } from '../../use/fixtures.js';
import { backboneFeatures, levels, matchPoints } from '../../use/index.js';
import { grow, withoutHoles } from './grow.js';
import { bestPlace, featuresAt, imageFeatures, likeness } from './likeness.js';
import { emptyMap, History, type LabelMap, packed, paint, type Region, replace, unpacked } from './map.js';
import { brush, polygon } from './shapes.js';

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
        history.join(mark, map);
        if (packed(map.data) !== states.at(-1) || history.mark > mark) states.push(packed(map.data));
      }
      for (const state of states.slice(0, -1).toReversed()) {
        assert.ok(history.undo(map));
        assert.equal(packed(map.data), state);
      }
      assert.equal(history.undo(map), false);
      for (const state of states.slice(1)) {
        assert.ok(history.redo(map));
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
