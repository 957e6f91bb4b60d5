// A pretraining method of your own on the backbone of the others, in a loop of your own. Here denoising: the network
// sees a view with noise, and a 1×1 convolution of its features shall give the view without. The backbone is written as
// a file that cover finetune, cover embed and the other commands take.
//
//   node examples/own-method.mjs [FOLDER]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  createModel,
  graph,
  loadConfig,
  methods,
  modelBytes,
  nn,
  readInput,
  startEngine,
  writePhantoms,
} from 'cover-ts';

const folder = process.argv[2] ?? 'own-method';
const NOISE = 0.2;
const HEAD = 'denoising.head';

/**
 * What a step of the method is made of. Losses are values of a graph, which is differentiated as it is built.
 *
 * @param {import('cover-ts').Config} config
 * @returns {import('cover-ts').methods.Learned}
 */
function denoising(config) {
  const options = methods.networkOptions(config);
  const { dims, inputs, channels } = options;
  return {
    specs: [...methods.backboneSpecs(options), ...nn.pointwiseSpecs(HEAD, channels.at(-1) ?? 0, inputs, dims)],
    // The arrays of a sample, in the order of their shapes. The same key always draws the same sample.
    makeSample(context, key) {
      const { fixed: clean } = methods.sampleViews(context, key);
      const random = methods.randomStream(context.seed, key.epoch, key.sample, 'noise');
      return [clean.map((value) => value + random.normal(0, NOISE)), clean];
    },
    sampleShapes: (extents) => ({ noisy: [inputs, ...extents], clean: [inputs, ...extents] }),
    // A number of the whole batch, by which each of its parts divides.
    totals: { values: ({ clean }) => clean.length },
    losses(parameters, { noisy, clean, values }) {
      const features = /** @type {graph.Value} */ (nn.unet(parameters, methods.BACKBONE, noisy).at(-1));
      const difference = graph.sub(nn.pointwise(parameters, HEAD, features), clean);
      const mean = graph.div(graph.reduceSum(graph.square(difference)), values);
      return { objective: mean, sums: { loss: mean } };
    },
    results: ({ loss }) => ({ loss }),
  };
}

const settings = [
  'views.crop=[32,32]',
  'model.channels=[8,8,8,8,8,8,8,8,8]',
  'schedule.steps=160',
  'schedule.warmup=5',
  'optimizer.rate=3e-3',
];
const config = loadConfig({ settings });
const { views, batch, schedule, optimizer, seed } = config;
const { crop } = views;

// Views of 32 × 32 are cut out of images of views.margin times that.
const { train } = await writePhantoms(join(folder, 'data'), 12, { size: [48, 48] });
const images = await Promise.all(train.map((id) => readInput(join(folder, 'data/images', `${id}.png`), 1)));
/** @type {import('cover-ts').methods.SampleContext} */
const context = {
  images: {
    channels: 1,
    shape: [48, 48],
    records: images.map(() => [48, 48]),
    window: (index) => images[index],
  },
  views,
  curriculum: null,
  seed,
  purpose: 'train',
};

const method = denoising(config);
const objective = methods.objectiveOf(method, crop);
const engine = await startEngine({ device: 'cpu' });
const trainer = await methods.createTrainer(engine, { objective, optimizer, batch: batch.size, micro: batch.size });
const theta = `${methods.GROUP}.theta`;
await trainer.setState(new Map([[theta, methods.initialParameters(method.specs, seed)]]));
let sum = 0;
for (let step = 1; step <= schedule.steps; step++) {
  const samples = Array.from({ length: batch.size }, (_, index) => {
    const drawn = (step - 1) * batch.size + index;
    return method.makeSample(context, { epoch: Math.floor(drawn / images.length), sample: drawn % images.length });
  });
  // The arrays of a batch have its samples one after the other.
  const arrays = samples[0].map((_, array) => Float32Array.from(samples.flatMap((sample) => [...sample[array]])));
  const learning = { [methods.GROUP]: { rate: methods.learningRate(optimizer.rate, step, schedule), step } };
  const { loss } = await trainer.step(methods.namedArrays(arrays, objective), learning);
  sum += loss;
  if (step % 40 > 0) continue;
  console.log(`steps to ${step}  MSE ${(sum / 40).toFixed(4)}, of the noise ${(NOISE ** 2).toFixed(4)}`);
  sum = 0;
}

// The backbone alone: the head is of the method, and createModel leaves it out.
const learned = /** @type {Float32Array} */ ((await trainer.state()).get(theta));
await engine.close();
const model = createModel(config, methods.unpackParameters(learned, method.specs), { step: schedule.steps });
writeFileSync(join(folder, 'backbone.safetensors'), modelBytes(model));
console.log(`wrote ${join(folder, 'backbone.safetensors')}`);
