// One measurement of a training step on a device, in a process of its own: `step.mjs '<case as JSON>'` ends with a line
// of JSON. A case: {device, dims, size, batch, channels?, precision?, runs, seconds, profile?, session?}. Without
// `session` the step is the project's own, through its engine; with it, the gradient's program alone runs in a session
// with these options of WebGPU, which shows what a setting of the runtime changes. With `profile` the runtime's own
// record of one step is summed up by operator.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { startEngine, targetOf } from '../../dist/engine/node/index.js';
import { encodeOnnx } from '../../dist/onnx/encode.js';
import { GROUP } from '../../dist/pretrain/methods.js';
import { largestMap } from '../../dist/train/memory.js';
import { createTrainer, trainingGraph } from '../../dist/train/trainer.js';
import { randomViews, stepOptions } from './case.mjs';
import { summary } from './profile.mjs';

const wanted = JSON.parse(process.argv[2]);
const { device, dims, size, batch, precision, runs = 20, seconds = 60 } = wanted;
const pixels = size ** dims;
const { crop, options, parameters } = stepOptions(wanted);
const arrays = randomViews(wanted);
const gradient = `${GROUP}.gradient.next`;
const theta = parameters();

/** How long each run of a program took, by its number: norm, update, gradient. */
const programs = {};

/** The project's own step: gradient, norm, update, with the views fed anew. */
async function ofEngine() {
  const engine = await startEngine({ device, largest: largestMap(options, crop) });
  const run = async (program, ...rest) => {
    const start = performance.now();
    const found = await engine.run(program, ...rest);
    programs[program] = [...(programs[program] ?? []), performance.now() - start];
    return found;
  };
  const trainer = await createTrainer({ ...engine, run }, options);
  await trainer.setState(new Map([[`${GROUP}.theta`, theta]]));
  let count = 0;
  return async () => {
    count++;
    const loaded = structuredClone(arrays);
    const start = performance.now();
    const result = await trainer.step(loaded, { [GROUP]: { rate: 1e-5, step: count } });
    return { result, took: performance.now() - start };
  };
}

const webgpu = { storageBufferCacheMode: 'simple', ...wanted.session };

/** The gradient's program in a session of its own; what stays on the device is fed once. */
async function ofSession(folder) {
  const target = targetOf(device);
  const session = await ort.InferenceSession.create(encodeOnnx(trainingGraph(options, target)), {
    executionProviders:
      device === 'cpu' ? ['cpu'] : [device === 'webgpu' ? { name: device, ...webgpu } : device, 'cpu'],
    enableMemPattern: false,
    logSeverityLevel: 3,
    ...(device === 'webgpu' && { preferredOutputLocation: { [gradient]: 'gpu-buffer' } }),
    ...(wanted.profile && { enableProfiling: true, profileFilePrefix: join(folder, 'profile') }),
  });
  const of = (data, shape) => new ort.Tensor('float32', data, shape);
  const feeds = {
    [GROUP]: of(theta, [theta.length]),
    moving: of(arrays.moving, [batch, 1, ...crop]),
    fixed: of(arrays.fixed, [batch, 1, ...crop]),
    field: of(arrays.field, [batch, dims, ...crop]),
    mask: of(arrays.mask, [batch, 1, ...crop]),
    validPixels: of(Float32Array.of(batch * pixels), [1]),
    ...(precision === 'mixed' && { lossScale: of(Float32Array.of(1024), [1]) }),
  };
  const step = async () => {
    const start = performance.now();
    const found = await session.run(feeds);
    const took = performance.now() - start;
    const result = { vectorLoss: found.vectorLoss.data[0], meanCosine: found.meanCosine.data[0] };
    found[gradient].dispose();
    return { result, took };
  };
  return { step, end: () => session.endProfiling() };
}

/** What the driver says is taken on the card; null where there is no such driver. */
function cardMemory() {
  const { status, stdout } = spawnSync('nvidia-smi', ['--query-gpu=memory.used', '--format=csv,noheader'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : null;
}

const began = performance.now();
const folder = mkdtempSync(join(tmpdir(), 'cover-gpu-'));
try {
  const alone = wanted.session || wanted.profile ? await ofSession(folder) : null;
  const step = alone ? alone.step : await ofEngine();
  const times = [];
  let first = 0;
  let result = null;
  for (let run = 0; run < runs + 2; run++) {
    const one = await step();
    result = one.result;
    if (run === 0) first = performance.now() - began;
    if (run >= 2) times.push(one.took);
    if (times.length > 0 && performance.now() - began > seconds * 1000) break;
  }
  const medianOf = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
  const counted = times.toSorted((a, b) => a - b);
  const record = {
    step: medianOf(times),
    best_step: counted[0],
    counted: counted.length,
    programs: Object.fromEntries(Object.entries(programs).map(([program, list]) => [program, medianOf(list.slice(2))])),
    /** From the start of the process's work to the end of its first step: graph, session, shaders. */
    first_step_after: first,
    peak_rss_mib: Math.round(process.resourceUsage().maxRSS / 1024),
    result,
    card_memory: cardMemory(),
  };
  if (wanted.profile) {
    alone.end();
    const file = readdirSync(folder).find((name) => name.endsWith('.json'));
    record.profile = summary(JSON.parse(readFileSync(join(folder, file), 'utf8')), times.length + 2);
  }
  console.log(JSON.stringify(record));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
