/** The case of a whole network by its generated parameters: their salt counts, and so does every stored number. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { type Tensor, tensor } from '../../core/tensor.js';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { coverSpecs } from '../../pretrain/cover/step.js';
import { writeSafetensors } from '../../weights/safetensors.js';
import { outcomeOf } from './outcome.js';
import { coverOptions, trainingHandlers } from './training.js';

let engine: Engine;
before(async () => {
  engine = await startEngine({ device: 'cpu', threads: 1 });
});
after(() => engine.close());

const network = {
  dimensions: '2D',
  n_channels: 1,
  chan: [8, 8, 8, 8, 8, 8, 8, 8, 8],
  num_heads: [1, 1, 1, 1, 1],
  amp: 1,
  variant: 'aligned',
};
const parameter_names = coverSpecs(coverOptions(network)).map(({ name }) => name);
const tolerance = {
  max_abs_err_over_max_abs: 1e-6,
  grad_l2_rel: 1e-6,
  grad_sum_err_over_l2: 1e-6,
  grad_first4_err_over_l2: 1e-6,
};
const extent = 32;

function entry(salt: number) {
  const params = { ...network, parameter_names, parameter_generator: { salt } };
  return { name: 'small', file: 'small.safetensors', op: 'cover2d_fullsize', params, tolerance };
}

function inputs(): Map<string, Tensor> {
  const random = randomStream('a golden case');
  const drawn = (channels: number, scale: number) => {
    const count = channels * extent * extent;
    return tensor(
      [1, channels, extent, extent],
      Float32Array.from({ length: count }, () => scale * random.normal()),
    );
  };
  return new Map([
    ['in.im_M', drawn(1, 1)],
    ['in.im_F', drawn(1, 1)],
    ['in.flow_gt', drawn(2, 2)],
  ]);
}

function passes(tensors: ReadonlyMap<string, Tensor>, salt: number) {
  const files = { folder: '.', read: () => writeSafetensors(tensors) };
  return outcomeOf(files, entry(salt), trainingHandlers(engine, engine.target));
}

test('a generated network is judged by its salt and by every stored row', async () => {
  const names = parameter_names.length;
  const empty = new Map([
    ...inputs(),
    ['out.grad_l2', tensor([names])],
    ['out.grad_sum', tensor([names])],
    ['out.grad_first4', tensor([names, 4])],
  ] as const);
  const { params } = entry(7);
  const handler = trainingHandlers(engine, engine.target).cover2d_fullsize!;
  const { tensors } = await handler({ ...entry(7), params, tensors: empty, folder: '.' });
  const stored = new Map([...inputs(), ...Object.entries(tensors!)]);
  assert.deepEqual((await passes(stored, 7)).passed, true);
  assert.equal((await passes(stored, 8)).passed, false);
  for (const name of ['out.grad_l2', 'out.grad_sum', 'out.grad_first4', 'out.mask']) {
    const { shape, data } = stored.get(name)!;
    const changed = data.map((value, index) => (index === 5 ? value + 1 : value));
    const outcome = await passes(new Map(stored).set(name, tensor(shape, changed)), 7);
    assert.equal(outcome.passed, false, name);
  }
});
