/** Group normalisation by operators of ours, and its gradient, against sums in double precision. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeOf } from '../../core/tensor.js';
import * as g from '../index.js';
import { drawing, ownEvaluation, testOwn } from './fixtures.js';

const evaluate = ownEvaluation();

const draw = drawing('norms');
const EPSILON = 1e-5;

interface Case {
  readonly batch: number;
  readonly channels: number;
  readonly groups: number;
  readonly extents: readonly number[];
  readonly slope?: number;
}

/** Groups within a block, of a block, of several, and of all; few pixels, odd ones, some pieces; a single pixel. */
const cases: readonly Case[] = [
  { batch: 1, channels: 16, groups: 2, extents: [8, 8], slope: 0.2 },
  { batch: 2, channels: 32, groups: 4, extents: [37, 41], slope: 0.2 },
  { batch: 3, channels: 48, groups: 1, extents: [5, 7] },
  { batch: 1, channels: 64, groups: 2, extents: [48, 48], slope: 0 },
  { batch: 2, channels: 16, groups: 16, extents: [9, 11, 13], slope: 1 },
  { batch: 1, channels: 32, groups: 2, extents: [1, 1], slope: 0.2 },
  { batch: 1, channels: 16, groups: 2, extents: [400, 401], slope: 0.2 },
];

for (const { batch, channels, groups, extents, slope } of cases) {
  const activation = slope === undefined ? '' : ` with a LeakyReLU of ${slope}`;
  const name = `${channels} channels in ${groups} groups, ${[batch, ...extents].join(' × ')}${activation}`;
  testOwn(`normalisation by operators of ours, ${name}`, async () => {
    const pixels = sizeOf(extents);
    const [x, dy] = [draw([batch, channels, ...extents], 1, 0.5), draw([batch, channels, ...extents])];
    const [scale, shift] = [draw([channels], 1, 1), draw([channels])];
    const options = { groups, epsilon: EPSILON, ...(slope === undefined ? {} : { slope }) };
    const build = (inputs: Readonly<Record<string, g.Value>>) => ({
      y: g.groupNorm(inputs.x!, inputs.scale!, inputs.shift!, options),
    });
    const found = await evaluate({ x, scale, shift }, build, dy);

    const exact = {
      y: new Float64Array(x.data.length),
      'grad:x': new Float64Array(x.data.length),
      'grad:scale': new Float64Array(channels),
      'grad:shift': new Float64Array(channels),
    };
    const size = (channels / groups) * pixels;
    for (let first = 0; first < x.data.length; first += size) {
      const all = x.data.subarray(first, first + size);
      const channelOf = (index: number) => Math.floor((first + index) / pixels) % channels;
      let [mean, variance] = [0, 0];
      for (const value of all) mean += value / size;
      for (const value of all) variance += (value - mean) ** 2 / size;
      const deviation = Math.sqrt(variance + EPSILON);
      let [sum, weighted] = [0, 0];
      const ofNormed = (visit: (index: number, normed: number, slopeOfNormed: number) => void) => {
        for (const [index, value] of all.entries()) {
          const [channel, normed] = [channelOf(index), (value - mean) / deviation];
          const z = normed * scale.data[channel]! + shift.data[channel]!;
          const factor = slope === undefined || z > 0 ? 1 : slope;
          exact.y[first + index] = factor * z;
          visit(index, normed, factor * dy.data[first + index]!);
        }
      };
      ofNormed((index, normed, dz) => {
        const channel = channelOf(index);
        exact['grad:scale'][channel]! += normed * dz;
        exact['grad:shift'][channel]! += dz;
        sum += scale.data[channel]! * dz;
        weighted += scale.data[channel]! * dz * normed;
      });
      ofNormed((index, normed, dz) => {
        const own = scale.data[channelOf(index)]! * dz;
        exact['grad:x'][first + index] = (own - sum / size - (normed * weighted) / size) / deviation;
      });
    }
    for (const [key, expected] of Object.entries(exact)) {
      const { data } = found[key]!;
      let [wrong, whole] = [0, 0];
      for (const [index, value] of expected.entries()) {
        wrong += (data[index]! - value) ** 2;
        whole += value ** 2;
      }
      const off = Math.sqrt(wrong / Math.max(whole, 1e-6));
      assert.ok(off < 2e-6, `${key} is off by ${off}`);
    }
  });
}

test('maps whose channels fill no block are left to the runtime', () => {
  const ofOurs = (channels: number) => {
    const graph = new g.Graph('own');
    const [scale, shift] = [graph.input('scale', [channels]), graph.input('shift', [channels])];
    g.groupNorm(graph.input('x', [1, channels, 8, 8]), scale, shift, { groups: 1 });
    return graph.nodes.filter(({ op }) => op.startsWith('cover.')).length;
  };
  assert.deepEqual([8, 16].map(ofOurs), [0, 2]);
});
