/** The order in which the runtime computes a step: what the memory of a training rests on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeOf, tensor } from '../core/tensor.js';
import { targetOf } from '../engine/node/index.js';
import { recordOf } from '../engine/node/placement.js';
import { type GraphNode, reachable } from '../graph/graph.js';
import { fileOrder, runtimeOrder } from '../graph/order.js';
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
    const { nodes } = Object.values(outputs)[0]!.graph;
    const inputs = nodes
      .filter(({ op }) => op === 'Input')
      .map(({ name, outputs: [value] }) => {
        const { shape } = value!;
        return [name!, tensor(shape, new Float32Array(sizeOf(shape)).fill(0.1))] as const;
      });
    const events = await recordOf('cpu', encodeOnnx(outputs), Object.fromEntries(inputs));
    const kernels = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('_kernel_time'));
    const names = kernels.toSorted((a, b) => a.ts - b.ts).map(({ name }) => name);
    const nameOf = ({ op, outputs: [value] }: GraphNode) => `${op.split('.').at(-1)}:${value!.id}_kernel_time`;
    const expected = runtimeOrder(fileOrder(reachable(Object.values(outputs)))).map(nameOf);
    // Some nodes the runtime joins or leaves out.
    const [there, known] = [new Set(names), new Set(expected)];
    const computed = names.filter((name) => known.has(name));
    assert.ok(computed.length > 0.9 * expected.length, `${computed.length} of ${expected.length}`);
    assert.deepEqual(
      computed,
      expected.filter((name) => there.has(name)),
    );
    const placeOf = (layer: string) => {
      const key = Object.keys(outputs).find((name) => name.endsWith(`${layer}.bias.next`));
      const { node, id } = outputs[key!]!;
      return names.indexOf(`${node.op}:${id}_kernel_time`) / names.length;
    };
    const backwards = ['up4.conv', 'up3.conv', 'up2.conv', 'up1.conv', 'down4.maxpool_conv.1', 'down1.maxpool_conv.1'];
    const places = [...backwards, 'inc'].map((block) => placeOf(`${block}.double_conv.3`));
    assert.ok(places[0]! > 0, 'the last layer is found');
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
      places.join(' '),
    );
    const [first, last] = [places[0]!, places.at(-1)!];
    assert.ok(last - first > 0.15, `layers lie ${last - first} of the step apart`);
  });
}
