import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { removeIslands, singleComponents } from './islands.js';
import type { Labels } from './labels.js';

/** A map drawn in characters, rows apart by spaces and planes by strokes. */
function drawn(text: string): Labels {
  const planes = text.split('|').map((plane) => plane.trim().split(/\s+/));
  const [rows, columns] = [planes[0]!.length, planes[0]![0]!.length];
  const data = Uint8Array.from(planes.flat().join(''), (one) => Number(one === '.' ? 0 : one));
  return { shape: planes.length > 1 ? [planes.length, rows, columns] : [rows, columns], data };
}

function kept(text: string, classes: readonly number[]): string {
  const labels = drawn(text);
  removeIslands(labels, classes);
  const width = labels.shape.at(-1)!;
  const rows = [...labels.data]
    .join('')
    .replaceAll('0', '.')
    .match(new RegExp(`.{${width}}`, 'g'))!;
  if (labels.shape.length === 2) return rows.join(' ');
  const [planes, height] = labels.shape as [number, number];
  return Array.from({ length: planes }, (_, at) => rows.slice(at * height, (at + 1) * height).join(' ')).join(' | ');
}

test('pieces smaller than half of the largest one are taken from the named classes, and from no other', () => {
  assert.equal(kept('11.22 11..2 ....2 1.2..', [1]), '11.22 11..2 ....2 ..2..');
  assert.equal(kept('11.22 11..2 2...2 1.2..', [1, 2]), '11.22 11..2 ....2 .....');
  assert.equal(kept('11.22 11..2 2...2 1.2..', []), '11.22 11..2 2...2 1.2..');
  assert.equal(kept('..... .....', [1, 2]), '..... .....');
  assert.equal(kept('1111.11.1', [1]), '1111.11..');
  assert.equal(kept('1.1.1', [1]), '1.1.1');
});

test('pixels that share a corner are neighbours, across rows, planes and what is joined late', () => {
  assert.equal(kept('1.... .1... ..1.. ...1. ....1', [1]), '1.... .1... ..1.. ...1. ....1');
  assert.equal(kept('1...1 .1.1. ..1.. ..... 11...', [1]), '1...1 .1.1. ..1.. ..... .....');
  // Three branches that meet in the last row alone.
  assert.equal(kept('1.1.1.1 1.1.1.. 1.1.1.1 11111.1', [1]), '1.1.1.. 1.1.1.. 1.1.1.. 11111..');
  // The end of one row and the beginning of the next are no neighbours.
  assert.equal(kept('....1 ..... 111..', [1]), '..... ..... 111..');
  assert.equal(kept('..111 1....', [1]), '..111 .....');
  assert.equal(kept('1.. ... ... | ... .1. ... | ... ... ..1', [1]), '1.. ... ... | ... .1. ... | ... ... ..1');
  assert.equal(kept('1.. ... ... | ... ... ... | ... .11 ..1', [1]), '... ... ... | ... ... ... | ... .11 ..1');
  // The last row of a plane and the first of the next are no neighbours.
  assert.equal(kept('... ... ... 111 | 1.. ... ... ...', [1]), '... ... ... 111 | ... ... ... ...');
});

test('a random map agrees with a flood fill', () => {
  for (const shape of [
    [23, 31],
    [7, 9, 11],
  ]) {
    const random = randomStream('islands');
    const count = shape.reduce((product, extent) => product * extent);
    for (const share of [0.15, 0.3, 0.45, 0.6]) {
      const data = Uint8Array.from({ length: count }, () => (random.uniform() < share ? 1 : 0));
      const expected = flooded(data, shape);
      removeIslands({ shape, data }, [1]);
      assert.deepEqual(data, expected);
    }
  }
});

/** Without islands, by a plain search. */
function flooded(data: Uint8Array, shape: readonly number[]): Uint8Array {
  const placeOf = (at: number) => shape.map((extent, axis) => Math.floor(at / product(shape.slice(axis + 1))) % extent);
  const product = (extents: readonly number[]) => extents.reduce((all, extent) => all * extent, 1);
  const seen = new Set<number>();
  const pieces: number[][] = [];
  for (const [start, value] of data.entries()) {
    if (value === 0 || seen.has(start)) continue;
    const found = [start];
    seen.add(start);
    for (const at of found) {
      const place = placeOf(at);
      for (const [other, inside] of data.entries()) {
        if (inside === 0 || seen.has(other)) continue;
        if (placeOf(other).every((one, axis) => Math.abs(one - place[axis]!) <= 1)) {
          seen.add(other);
          found.push(other);
        }
      }
    }
    pieces.push(found);
  }
  const result = new Uint8Array(data.length);
  const most = Math.max(...pieces.map((piece) => piece.length));
  for (const at of pieces.filter((piece) => 2 * piece.length >= most).flat()) result[at] = 1;
  return result;
}

test('a map of very many pieces is no trouble', () => {
  const side = 1000;
  const data = Uint8Array.from({ length: side * side }, (_, at) =>
    at % 2 === 0 && Math.floor(at / side) % 2 === 0 ? 1 : 0,
  );
  data.fill(1, 0, 4);
  const labels: Labels = { shape: [side, side], data };
  assert.deepEqual(singleComponents(Array(10).fill(labels), 2), []);
  removeIslands(labels, [1]);
  assert.equal(
    data.reduce((sum, value) => sum + value),
    5,
  );
});

test('of sets each class has its own components, and a pixel of no class joins none', () => {
  const labels: Labels = { shape: [1, 9], data: Uint8Array.of(3, 3, 3, 2, 2, 0, 1, 255, 1), sets: true };
  removeIslands(labels, [1, 2]);
  assert.deepEqual([...labels.data], [3, 3, 3, 2, 2, 0, 0, 255, 0]);
});

test('a class is single where ten labels of it are one component each, but for a stray pixel in a hundred', () => {
  const often = (label: Labels, times = 10) => Array.from({ length: times }, () => label);
  const [whole, apart, first] = [drawn('1122 1122'), drawn('1122 1122 .... 2...'), drawn('11.. 11..')];
  assert.deepEqual(singleComponents(often(whole), 3), [1, 2]);
  assert.deepEqual(singleComponents(often(whole, 9), 3), []);
  assert.deepEqual(singleComponents([...often(whole), apart], 3), [1]);
  // A class that few images have is not known to be in one.
  assert.deepEqual(singleComponents([...often(whole, 9), first], 4), [1]);
  assert.deepEqual(singleComponents([], 3), []);
  const row = (length: number): Labels => ({ shape: [3, length], data: new Uint8Array(3 * length).fill(1, 0, length) });
  const [stray, more] = [row(99), row(98)];
  for (const { data } of [stray, more]) data[data.length - 1] = 1;
  assert.deepEqual([singleComponents(often(stray), 2), singleComponents(often(more), 2)], [[1], []]);
});
