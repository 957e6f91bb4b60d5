/** The targets, and the graph that is built for one of them. */
import { Graph as LoweredGraph, type Value } from './graph.js';
import { cpu } from './lower/cpu.js';
import { gpu } from './lower/gpu.js';
import { own } from './lower/own.js';
import { wasm } from './lower/wasm.js';
import { x64 } from './lower/x64.js';
import type { Lowering, Target } from './lowering.js';

const plain: Lowering<Value> = { target: 'plain', operatorSet: 20 };
const lowerings: Readonly<Record<Target, Lowering<Value>>> = { plain, cpu, x64, own, wasm, gpu };

/** A graph whose operators take the forms of a target. */
export class Graph extends LoweredGraph {
  constructor(target: Target = 'cpu') {
    super(lowerings[target]);
  }
}
