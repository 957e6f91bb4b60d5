/** The order in which the runtime computes a step: what the memory of a training rests on. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sizeOf } from '../core/tensor.js';
import { nodeRuntime } from '../engine/node/device.js';
import { targetOf } from '../engine/node/index.js';
import type { ProfileEvent } from '../engine/node/placement.js';
import { encodeOnnx } from '../onnx/encode.js';
import { readConfig } from '../pretrain/config.js';
import { methodOf, objectiveOf } from '../pretrain/methods.js';
import { defaultOptimizer } from './optimizer.js';
import { trainingGraph } from './trainer.js';

for (const crop of [
  [16, 16],
  [16, 16, 16],
]) {
  test(`${crop.length}D: a layer's gradient is computed before the layers in front of it are gone through`, async () => {
    const settings = [`views.crop=[${crop}]`, 'model.channels=[8,8,8,8,8,8,8,8,8]', 'model.window=1'];
    const method = methodOf(readConfig({ settings }));
    const options = { objective: objectiveOf(method, crop), optimizer: defaultOptimizer, batch: 1, micro: 1 };
    const outputs = trainingGraph(options, targetOf('cpu'));
    const folder = mkdtempSync(join(tmpdir(), 'cover-order-'));
    try {
      const runtime = nodeRuntime('cpu', 1);
      const session = await runtime.createSession(encodeOnnx(outputs), {
        optimise: true,
        profile: join(folder, 'run'),
      });
      const { nodes } = Object.values(outputs)[0]!.graph;
      const feeds = nodes.flatMap(({ op, name, outputs: [value] }) => {
        if (op !== 'Input' || !session.inputNames.includes(name!)) return [];
        const { shape } = value!;
        return [[name!, new runtime.Tensor('float32', new Float32Array(sizeOf(shape)).fill(0.1), shape)] as const];
      });
      await session.run(Object.fromEntries(feeds));
      session.endProfiling();
      await session.release();
      const [file] = readdirSync(folder);
      const events = JSON.parse(readFileSync(join(folder, file!), 'utf8')) as ProfileEvent[];
      const kernels = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
      const names = kernels.toSorted((a, b) => a.ts - b.ts).map(({ name }) => name);
      const placeOf = (layer: string) => {
        const key = Object.keys(outputs).find((name) => name.endsWith(`${layer}.bias.next`));
        const { node, id } = outputs[key!]!;
        return names.indexOf(`${node.op}:${id}_kernel_time`) / names.length;
      };
      const backwards = [
        'up4.conv',
        'up3.conv',
        'up2.conv',
        'up1.conv',
        'down4.maxpool_conv.1',
        'down1.maxpool_conv.1',
      ];
      const places = [...backwards, 'inc'].map((block) => placeOf(`${block}.double_conv.3`));
      assert.ok(places[0]! > 0, 'the last layer is found');
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
        places.join(' '),
      );
      const [first, last] = [places[0]!, places.at(-1)!];
      assert.ok(last - first > 0.15, `layers lie ${last - first} of the step apart`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
