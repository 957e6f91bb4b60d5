/** A thread that begins before its engine is asked for. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { tensor } from '../../core/tensor.js';
import { Graph, mul } from '../../graph/index.js';
import { loadGraph } from '../index.js';
import { startEngine } from './index.js';
import { prepareEngine } from './thread.js';

async function doubled(value: number): Promise<number> {
  const engine = await startEngine({ device: 'cpu', threads: 1 });
  const program = await loadGraph(engine, { y: mul(new Graph().input('x', [1]), 2) });
  const { y } = await engine.run(program, { x: tensor([1], Float32Array.of(value)) });
  await engine.close();
  return y!.data[0]!;
}

test('an engine takes the thread that waits, the next one has its own', async () => {
  prepareEngine();
  assert.equal(await doubled(3), 6);
  assert.equal(await doubled(4), 8);
});

test('a thread that waits does not keep the process alive', () => {
  const module = JSON.stringify(new URL('./thread.js', import.meta.url).href);
  const code = `import { prepareEngine } from ${module}; prepareEngine();`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  assert.deepEqual([status, stderr], [0, '']);
});
