// What a training step on a graphics card launches and moves, told from its graph alone, without a device: `passes.mjs
// '<case as JSON>'` ends with a line of JSON. A case: {dims, size, batch, channels?, precision?}. For each operator its
// nodes and the gigabytes that they read and write; a Reshape moves nothing. What is made of constants alone is left
// out, for the runtime computes it once.
import { reachable } from '../../dist/graph/graph.js';
import { bytesOf, peakBytes } from '../../dist/graph/liveness.js';
import { trainingGraph } from '../../dist/train/trainer.js';
import { stepOptions } from './case.mjs';

/** Inputs that say where, not what: a slice reads no more than it gives. */
const PARTS = new Set(['Slice', 'Gather', 'Split', 'Expand']);

const wanted = JSON.parse(process.argv[2]);
const { options } = stepOptions(wanted);
const outputs = Object.values(trainingGraph(options, 'gpu'));
const operators = {};
const shapes = {};
const constant = new Set();
let [launches, moved] = [0, 0];
for (const node of reachable(outputs)) {
  const { op, inputs } = node;
  if (node.data) constant.add(node);
  if (op === 'Input' || node.data) continue;
  if (inputs.every((value) => constant.has(value.node))) {
    constant.add(node);
    continue;
  }
  if (op === 'Reshape') continue;
  const written = node.outputs.reduce((sum, value) => sum + bytesOf(value), 0);
  const read = PARTS.has(op)
    ? written
    : inputs.reduce((sum, value) => sum + (value.dtype === 'int64' && value.node.data ? 0 : bytesOf(value)), 0);
  const half = node.outputs[0].dtype === 'float16' ? ' float16' : '';
  const add = (table, key) => {
    table[key] ??= { nodes: 0, gigabytes: 0 };
    table[key].nodes++;
    table[key].gigabytes += (read + written) / 1e9;
  };
  add(operators, op + half);
  add(shapes, `${op}${half} ${inputs.map(({ shape }) => `[${shape}]`).join(' ')}`);
  launches++;
  moved += (read + written) / 1e9;
}
const sorted = (table, count = Infinity) =>
  Object.fromEntries(
    Object.entries(table)
      .sort(([, a], [, b]) => b.gigabytes - a.gigabytes)
      .slice(0, count)
      .map(([key, { nodes, gigabytes }]) => [key, { nodes, gigabytes: Math.round(gigabytes * 1000) / 1000 }]),
  );
console.log(
  JSON.stringify({
    launches,
    gigabytes: Math.round(moved * 100) / 100,
    peak_gigabytes: Math.round(peakBytes(outputs) / 1e7) / 100,
    operators: sorted(operators),
    largest: sorted(shapes, 30),
  }),
);
