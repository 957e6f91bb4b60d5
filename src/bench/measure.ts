/** One measurement in a process of its own, so that its peak of memory is its own: `measure.js '<case as JSON>'`. */
import { randomStream } from '../core/random.js';
import { tensor } from '../core/tensor.js';
import { loadGraph } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { Graph, type Value } from '../graph/index.js';
import { defaultChannels, initialParameters, unet, unetSpecs, unpackParameters } from '../nn/index.js';
import { coverMethod } from '../pretrain/cover/method.js';
import { type CoverOptions, coverSpecs } from '../pretrain/cover/step.js';
import { GROUP, objectiveOf } from '../pretrain/methods.js';
import { defaultOptimizer } from '../train/optimizer.js';
import { createTrainer } from '../train/trainer.js';
import type { BenchCase } from './cases.js';

export interface Measurement {
  /** The median of the counted runs, in milliseconds. */
  readonly step: number;
  readonly best_step: number;
  /** The peak of the process's resident memory. */
  readonly peak_rss_mib: number;
}

const random = randomStream(0, 'bench');
const uniform = (count: number, low = 0, high = 1) =>
  Float32Array.from({ length: count }, () => random.uniform(low, high));

async function stepRunner({ dims, size, batch, micro }: BenchCase): Promise<() => Promise<void>> {
  const crop = Array.from({ length: dims }, () => size);
  const pixels = size ** dims;
  const cover: CoverOptions = {
    dims,
    inputs: 1,
    channels: defaultChannels,
    heads: [4, 4, 4, 1, 1],
    window: 2,
    warp: 'aligned',
  };
  const engine = await startEngine({ device: 'cpu' });
  const trainer = await createTrainer(engine, {
    objective: objectiveOf(coverMethod(cover), crop),
    optimizer: defaultOptimizer,
    batch,
    micro,
  });
  await trainer.setState(new Map([[`${GROUP}.theta`, initialParameters(coverSpecs(cover), 0)]]));
  const arrays = {
    moving: uniform(batch * pixels),
    fixed: uniform(batch * pixels),
    field: Float32Array.from({ length: batch * dims * pixels }, () => random.normal(0, 3)),
    mask: new Float32Array(batch * pixels).fill(1),
  };
  let count = 0;
  return async () => {
    count++;
    await trainer.step(arrays, { [GROUP]: { rate: 1e-5, step: count } });
  };
}

/** The features of one image, the weights as constants of the graph. */
async function embedRunner({ dims, size, batch }: BenchCase): Promise<() => Promise<void>> {
  const shape = [batch, 1, ...Array.from({ length: dims }, () => size)];
  const specs = unetSpecs('backbone.', 1, defaultChannels, dims);
  const engine = await startEngine({ device: 'cpu' });
  const graph = new Graph(engine.target);
  const parameters = new Map<string, Value>();
  for (const [name, { shape: extents, data }] of unpackParameters(initialParameters(specs, 0), specs)) {
    parameters.set(name, graph.constant(data, extents));
  }
  const features = unet(parameters, 'backbone.', graph.input('image', shape)).at(-1)!;
  const program = await loadGraph(engine, { features });
  const image = tensor(shape, uniform(batch * size ** dims));
  return async () => {
    await engine.run(program, { image });
  };
}

const wanted = JSON.parse(process.argv[2]!) as BenchCase;
const run = wanted.kind === 'embed' ? await embedRunner(wanted) : await stepRunner(wanted);
const times: number[] = [];
for (let index = 0; index < wanted.runs + 2; index++) {
  const start = performance.now();
  await run();
  times.push(performance.now() - start);
}
const counted = times.slice(2).sort((a, b) => a - b);
const measurement: Measurement = {
  step: counted[counted.length >> 1]!,
  best_step: counted[0]!,
  peak_rss_mib: Math.round(process.resourceUsage().maxRSS / 1024),
};
console.log(JSON.stringify(measurement));
process.exit(0);
