// What mixed precision costs in accuracy, on any CPU: the first loss and gradient of COVER with every value rounded to
// float16 where mixed precision holds it so, beside float32. A line each for the authors' training case and for smooth
// images; the rounding of the parameters alone shows how much of it lies in the case itself.
//
// node scripts/precision.mjs [GOLDEN] (after `npm run build`)
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomStream } from '../dist/core/random.js';
import { positionsOf, tensor } from '../dist/core/tensor.js';
import { loadGraph } from '../dist/engine/index.js';
import { startEngine } from '../dist/engine/node/index.js';
import { Graph } from '../dist/graph/index.js';
import { defaultChannels, initialParameters, packParameters } from '../dist/nn/index.js';
import { coverMethod } from '../dist/pretrain/cover/method.js';
import { coverSpecs } from '../dist/pretrain/cover/step.js';
import { GROUP, objectiveOf } from '../dist/pretrain/methods.js';
import { coverOptions } from '../dist/testing/golden/training.js';
import { maskOf } from '../dist/testing/golden/views.js';
import { halfRounding } from '../dist/testing/half-rounding.js';
import { gradientGraph } from '../dist/train/gradient-graph.js';
import { LOSS_SCALE } from '../dist/train/precision.js';
import { readSafetensors, toFloat32 } from '../dist/weights/index.js';

const SCALE = 2 ** 12;

function goldenCase(folder) {
  const name = 'H_cover2d_adam_aligned';
  const { cases } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
  const { params } = cases.find((one) => one.name === name);
  const { tensors } = readSafetensors(readFileSync(join(folder, `${name}.safetensors`)), name);
  const of = (key) => toFloat32(tensors.get(key));
  const cover = coverOptions(params);
  const named = [...tensors.keys()].filter((key) => key.startsWith('param.'));
  const theta = packParameters(new Map(named.map((key) => [key.slice(6), of(key)])), coverSpecs(cover));
  const field = of('in.flow_gt');
  return { name, cover, theta, views: { moving: of('in.im_M'), fixed: of('in.im_F'), field, mask: maskOf(field) } };
}

function smoothCase(dims, size, channels, heads) {
  const cover = { dims, inputs: 1, channels, heads, window: 2, warp: 'aligned' };
  const crop = Array.from({ length: dims }, () => size);
  const random = randomStream('precision', dims, size);
  const blobs = (maps, amplitude) => {
    const data = Float32Array.from({ length: maps * size ** dims }, () => 0);
    for (let blob = 0; blob < 6 * maps; blob++) {
      const centre = crop.map((extent) => random.uniform(0, extent));
      const [width, height] = [random.uniform(size / 8, size / 3), amplitude * random.normal()];
      positionsOf(crop).forEach((position, pixel) => {
        const distance = Math.hypot(...position.map((p, axis) => p - centre[axis]));
        data[(blob % maps) * size ** dims + pixel] += height * Math.exp(-((distance / width) ** 2));
      });
    }
    return tensor([1, maps, ...crop], data);
  };
  const mask = tensor([1, 1, ...crop], new Float32Array(size ** dims).fill(1));
  const views = { moving: blobs(1, 1), fixed: blobs(1, 1), field: blobs(dims, 2), mask };
  return {
    name: `${dims}D ${size}, ${channels[0]} channels`,
    cover,
    theta: initialParameters(coverSpecs(cover), 0),
    views,
  };
}

const engine = await startEngine({ device: 'cpu' });
const eight = Array.from({ length: 9 }, () => 8);
const cases = [
  goldenCase(process.argv[2] ?? 'golden-data/operators'),
  smoothCase(2, 32, eight, [1, 1, 1, 1, 1]),
  smoothCase(2, 64, defaultChannels, [4, 4, 4, 1, 1]),
  smoothCase(3, 16, eight, [1, 1, 1, 1, 1]),
];

/** The nearest numbers of float16. */
async function roundedAll(theta) {
  const x = new Graph('gpu').input('x', [theta.length]);
  const shape = [theta.length];
  const y = halfRounding.lowered(x);
  return (await engine.run(await loadGraph(engine, { y }), { x: tensor(shape, theta) })).y.data;
}

for (const { name, cover, theta, views } of cases) {
  const [batch, , ...crop] = views.moving.shape;
  const objective = objectiveOf(coverMethod(cover), crop);
  const run = async (parameters, precision) => {
    const graph = gradientGraph(objective, { batch, target: 'gpu', precision, half: halfRounding });
    const feeds = {
      ...views,
      [GROUP]: tensor([theta.length], parameters),
      validPixels: tensor([1], Float32Array.of(views.mask.data.reduce((sum, value) => sum + value, 0))),
      ...(precision === 'mixed' && { [LOSS_SCALE]: tensor([1], Float32Array.of(SCALE)) }),
    };
    const found = await engine.run(await loadGraph(engine, graph), feeds);
    const numbers = (key) => found[key].data;
    return {
      loss: numbers('vectorLoss')[0] + 1 - numbers('meanCosine')[0],
      gradient: numbers(`${GROUP}.gradient.next`),
    };
  };
  const full = await run(theta, 'full');
  const norm = Math.sqrt(full.gradient.reduce((sum, value) => sum + value ** 2, 0));
  const errors = ({ loss, gradient }) => {
    const error = Math.sqrt(gradient.reduce((sum, value, index) => sum + (value - full.gradient[index]) ** 2, 0));
    const product = gradient.reduce((sum, value, index) => sum + value * full.gradient[index], 0);
    const length = Math.sqrt(gradient.reduce((sum, value) => sum + value ** 2, 0));
    const [ofLoss, ofGradient] = [loss / full.loss - 1, error / norm].map((value) => Math.abs(value).toExponential(1));
    return `loss ${ofLoss}, gradient ${ofGradient} (cosine ${(product / norm / length).toFixed(4)})`;
  };
  console.log(`${name}: mixed: ${errors(await run(theta, 'mixed'))}`);
  console.log(`${' '.repeat(name.length)}  parameters alone: ${errors(await run(await roundedAll(theta), 'full'))}`);
}
await engine.close();
