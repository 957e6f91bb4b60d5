/** The golden cases that travel with the project: operators, layers, losses, optimisers and a five-step training. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import type { GoldenHandler } from './case.js';
import { goldenHandlers, readIndex, runCase } from './run.js';

const folder = fileURLToPath(new URL('../../../golden-data/operators/', import.meta.url));
let engine: Engine;
let handlers: Record<string, GoldenHandler>;
before(async () => {
  engine = await startEngine({ device: 'cpu', threads: 1 });
  handlers = goldenHandlers(engine);
});
after(() => engine.close());

for (const entry of readIndex(folder)) {
  test(entry.name, async () => {
    const { passed, worst, problem } = await runCase(folder, entry, handlers);
    assert.ok(passed, problem ?? `${worst?.what}: error ${worst?.error}, allowed ${worst?.allowed}`);
  });
}

test('an op that is not known fails', async () => {
  const outcome = await runCase(folder, { name: 'x', op: 'no_such_op' }, handlers);
  assert.equal(outcome.passed, false);
});
