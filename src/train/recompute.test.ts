/** A step whose large maps are made again against one that keeps them all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../core/random.js';
import { sizeOf, tensor } from '../core/tensor.js';
import { loadGraph } from '../engine/index.js';
import { startEngine, targetOf } from '../engine/node/index.js';
import { peakBytes, type Value } from '../graph/index.js';
import { cpu } from '../graph/lower/cpu.js';
import { own } from '../graph/lower/own.js';
import { x64 } from '../graph/lower/x64.js';
import { readConfig } from '../pretrain/config.js';
import { methodOf, objectiveOf } from '../pretrain/methods.js';
import { asBuilt } from '../testing/as-built.js';
import { defaultOptimizer } from './optimizer.js';
import { trainingGraph } from './trainer.js';

for (const [crop, few] of [
  [[96, 96], 8],
  [[32, 32, 16], 16],
] as const) {
  test(`${crop.length}D: the gradients are the same to the bit, with less memory`, async () => {
    const widths = [32, few, few, few, few, few, few, few, 32];
    const settings = [`views.crop=[${crop}]`, `model.channels=[${widths}]`, 'model.window=1'];
    const method = methodOf(readConfig({ settings }));
    const options = { objective: objectiveOf(method, crop), optimizer: defaultOptimizer, batch: 1, micro: 1 };
    const again = trainingGraph(options, targetOf('cpu'));
    const kept = keeping(() => trainingGraph(options, targetOf('cpu')));
    const engine = asBuilt(await startEngine({ device: 'cpu', threads: 1 }));
    const run = async (outputs: Readonly<Record<string, Value>>) => {
      const { nodes } = Object.values(outputs)[0]!.graph;
      const feeds = nodes.flatMap(({ op, name, outputs: [value] }) => {
        if (op !== 'Input') return [];
        const random = randomStream('recompute', name!);
        const data = Float32Array.from({ length: sizeOf(value!.shape) }, () => random.uniform(0.05, 0.15));
        return [[name!, tensor(value!.shape, data)] as const];
      });
      return engine.run(await loadGraph(engine, outputs), Object.fromEntries(feeds));
    };
    const [found, expected] = [await run(again), await run(kept)];
    await engine.close();
    assert.ok(Object.keys(expected).length > 20);
    assert.ok(Object.values(expected).some(({ data }) => data.some((value) => value !== 0)));
    for (const [name, { data }] of Object.entries(expected)) assert.deepEqual(found[name]!.data, data, name);

    const [less, all] = [peakBytes(Object.values(again)), peakBytes(Object.values(kept))];
    assert.ok(less < 0.85 * all, `${less} of ${all} bytes`);
  });
}

function keeping<T>(build: () => T): T {
  const set = (recomputes: boolean) => [cpu, x64, own].map((lowering) => Object.assign(lowering, { recomputes }));
  set(false);
  try {
    return build();
  } finally {
    set(true);
  }
}
