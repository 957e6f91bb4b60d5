/** Several engines as one: who runs what, what all of them have, and what becomes of one that does not start. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { add, Graph } from '../graph/index.js';
import { startCrew } from './crew.js';
import type { Engine } from './engine.js';
import { loadGraph } from './index.js';
import { startEngine } from './node/index.js';

/** An engine that writes down what it is asked for; a run ends when the test says so. */
function noted(name: string, notes: string[], ends: (() => void)[]): Engine {
  const note = async (text: string) => void notes.push(`${name}: ${text}`);
  let programs = name.charCodeAt(0);
  return {
    device: 'cpu',
    target: 'plain',
    passedOver: [],
    peers: null,
    load: async () => programs++,
    unload: (program) => note(`unload ${program}`),
    async run(program) {
      notes.push(`${name}: run ${program}`);
      await new Promise<void>((resolve) => ends.push(resolve));
      return {};
    },
    setState: (state) => note(`set ${state}`),
    clearState: (state) => note(`clear ${state}`),
    getState: async () => tensor([1], Float32Array.of(name.charCodeAt(0))),
    close: () => note('close'),
  };
}

test('a run goes to the engine that has least to do, and of equal ones to each in turn', async () => {
  const notes: string[] = [];
  const ends: (() => void)[] = [];
  const names = ['a', 'b'];
  const crew = await startCrew(async () => noted(names.shift()!, notes, ends), 2);
  assert.equal(crew.atOnce, 2);
  const program = await crew.load(new Uint8Array());
  await crew.setState('theta', tensor([1], Float32Array.of(1)));
  assert.deepEqual(notes.splice(0), ['a: set theta', 'b: set theta']);
  const runs = [1, 2, 3].map(() => crew.run(program, {}));
  // Each engine numbers its programs itself.
  assert.deepEqual(notes.splice(0), ['a: run 97', 'b: run 98', 'a: run 97']);
  ends[0]!();
  ends[2]!();
  await Promise.all([runs[0], runs[2]]);
  runs.push(crew.run(program, {}), crew.run(program, {}));
  assert.deepEqual(notes.splice(0), ['a: run 97', 'b: run 98']);
  // What changes a state changes it in all of them.
  runs.push(crew.run(program, {}, { update: { y: 'theta' } }));
  assert.deepEqual(notes.splice(0), ['a: run 97', 'b: run 98']);
  for (const end of ends) end();
  await Promise.all(runs);
  await crew.unload(program);
  await crew.close();
  assert.deepEqual(notes, ['a: unload 97', 'b: unload 98', 'a: close', 'b: close']);
});

test('where one does not start the others end, and the reason is told', async () => {
  const notes: string[] = [];
  let count = 0;
  const start = async () => {
    if (count++ === 1) throw new Error('no memory');
    return noted('a', notes, []);
  };
  await assert.rejects(startCrew(start, 2), /no memory/);
  assert.deepEqual(notes, ['a: close']);
});

test('engines of a thread each keep states of their own, and find the same', async () => {
  const crew = await startCrew(() => startEngine({ device: 'cpu', threads: 1 }), 2);
  try {
    const graph = new Graph(crew.target);
    const program = await loadGraph(crew, { y: add(graph.input('x', [2]), graph.input('w', [2])) });
    await crew.setState('w', tensor([2], Float32Array.of(10, 20)));
    await crew.run(program, { x: tensor([2], Float32Array.of(1, 2)) }, { state: { w: 'w' }, update: { y: 'w' } });
    const runs = Array.from({ length: 5 }, (_, index) =>
      crew.run(program, { x: tensor([2], Float32Array.of(index, 0)) }, { state: { w: 'w' } }),
    );
    assert.deepEqual(
      (await Promise.all(runs)).map(({ y }) => [...y!.data]),
      Array.from({ length: 5 }, (_, index) => [11 + index, 22]),
    );
  } finally {
    await crew.close();
  }
});
