/** The host on runtimes that write results where they lie, and on those that hand them out, as in a page. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Tensor, tensor } from '../../core/tensor.js';
import { Graph, mul } from '../../graph/index.js';
import { encodeOnnx } from '../../onnx/encode.js';
import { createHost } from '../host.js';
import type { Runtime } from '../runtime.js';
import { nodeRuntime } from './device.js';

const native = nodeRuntime('cpu', 1);

/** Refuses what a program does not take, and leaves tensors that are passed for results as they are. */
const asInPage: Runtime = {
  ...native,
  writesInPlace: false,
  zeros: (count) => new Float32Array(count),
  async createSession(model, needs) {
    const session = await native.createSession(model, needs);
    return {
      ...session,
      inputNames: session.inputNames,
      outputNames: session.outputNames,
      release: () => session.release(),
      async run(feeds: Parameters<typeof session.run>[0], fetches: Record<string, unknown>) {
        for (const name of Object.keys(feeds)) assert.ok(session.inputNames.includes(name), `${name} is no input`);
        assert.ok(Object.values(fetches).every((fetch) => fetch === null));
        return session.run(feeds, fetches as never);
      },
    } as typeof session;
  },
};

for (const [name, runtime] of Object.entries({ native, asInPage })) {
  test(`a part of a state follows each run: ${name}`, async () => {
    const host = createHost(runtime);
    const doubled = mul(new Graph().input('x', [2]), 2);
    const program = (await host.handle({ kind: 'load', model: encodeOnnx({ y: doubled }), optimise: true })) as number;
    await host.handle({ kind: 'set', name: 'vector', value: tensor([4], Float32Array.of(1, 2, 3, 4)) });
    const part = { name: 'vector', begin: 1, shape: [2] };
    const feeds = { unknown: tensor([1]) };
    for (let run = 0; run < 3; run++) {
      const outputs = await host.handle({ kind: 'run', program, feeds, state: { x: part }, update: { y: part } });
      assert.deepEqual(outputs, {});
    }
    const { data } = (await host.handle({ kind: 'get', name: 'vector' })) as Tensor;
    assert.deepEqual([...data], [1, 16, 24, 4]);
  });
}
