/**
 * A network ready to be asked: an engine with a program for every size of image that was seen. Graphs are static, so
 * each size has a program; a bounded number of them is kept. What follows from the parameters alone, such as weights in
 * the order in which the runtime reads them, is computed once and is the engine's state.
 */
import { type Tensor, tensor } from '../core/tensor.js';
import { type Device, type Engine, loadGraph } from '../engine/index.js';
import { bytesOf, fixedValues, Graph, type Target, type Value } from '../graph/index.js';
import { type ParameterSpec, type Parameters, unflatten } from '../nn/index.js';
import { namesByContent } from './fixed-names.js';
import { checkFree, inferenceBytes } from './memory.js';
import type { Model } from './model.js';

/** Builds outputs by name from the network's parameters and the graph's inputs. */
export type NetworkBuilder = (
  graph: Graph,
  parameters: Parameters,
  inputs: Readonly<Record<string, Value>>,
) => Readonly<Record<string, Value>>;

/** What a network computes with. */
export interface Weights {
  readonly specs: readonly ParameterSpec[];
  /** All parameters, flat. */
  readonly theta: Float32Array;
}

export interface Network<M extends Weights = Model> {
  readonly model: M;
  readonly device: Device;
  /** How many runs it does at the same time. */
  readonly atOnce: number;
  /** Programs that are in memory. */
  readonly programs: number;
  /** Runs what `build` builds for feeds of these shapes. Equal `name`s stand for the same builder. */
  run(name: string, build: NetworkBuilder, feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  /** Ends the engine. An open network may keep the process alive. */
  close(): Promise<void>;
}

/** What a network asks of where it runs. */
export interface NetworkHost {
  /**
   * Begins an engine that the network then owns: on Node in a thread, in a page in a worker.
   * @param extents of all images that it will see, where they are known
   */
  startEngine(extents?: readonly number[]): Promise<Engine>;
  /** Bytes that can be allocated now; where it is given, what does not fit is refused before it is tried. */
  freeMemory?(): number;
}

/** Bytes of what is computed together beforehand. */
const TOGETHER = 2 ** 25;

interface Program {
  readonly handle: number;
  /** Its inputs that are states. */
  readonly state: Readonly<Record<string, string>>;
}

/**
 * A network on an engine of its own, with the parameters of a model.
 * @param host begins an engine, again whenever there are more programs than are kept
 * @param limit the greatest number of programs that are kept
 * @throws InputError ('engine') when the engine does not start
 * @example
 * const network = await createNetwork(model, { startEngine: () => startEngine({ device: 'cpu' }) });
 * const features = await embed(network, image);
 * await network.close();
 */
export async function createNetwork<M extends Weights>(model: M, host: NetworkHost, limit = 8): Promise<Network<M>> {
  let engine = await host.startEngine();
  const { device, target, atOnce = 1 } = engine;
  const programs = new Map<string, Program>();
  const nameOf = namesByContent();
  /** States that are there. */
  const prepared = new Set<string>();
  const running = new Set<Promise<unknown>>();
  /** One program is made after the other. */
  let making: Promise<unknown> = Promise.resolve();

  async function programOf(name: string, build: NetworkBuilder, feeds: Readonly<Record<string, Tensor>>) {
    const shapes = Object.entries(feeds).map(([input, { shape }]) => `${input} ${shape.join('x')}`);
    const key = [name, ...shapes].join('|');
    const known = programs.get(key);
    if (known !== undefined) return known;
    // An engine keeps its programs for as long as it lives: a fresh one is what frees them.
    if (programs.size >= limit) {
      await Promise.allSettled(running);
      await engine.close();
      programs.clear();
      prepared.clear();
      engine = await host.startEngine();
    }
    const outputs = outputsOf(model, build, feeds, target);
    const fixed = fixedValues(Object.values(outputs));
    if (device === 'cpu' && host.freeMemory) checkFits(model, outputs, fixed, feeds, atOnce, host.freeMemory());
    await prepare(fixed.filter((value) => !prepared.has(nameOf(value))));
    const given = new Map(fixed.map((value) => [value, nameOf(value)]));
    const names = [...given.values()];
    const handle = await loadGraph(engine, outputs, given);
    const program = { handle, state: Object.fromEntries(names.map((name) => [name, name])) };
    programs.set(key, program);
    return program;
  }

  /** Computes values that follow from the parameters, and leaves them in the engine. */
  async function prepare(values: readonly Value[]): Promise<void> {
    if (values.length === 0) return;
    const { theta } = model;
    await engine.setState('theta', tensor([theta.length], theta));
    for (const group of groupsOf(values)) {
      const outputs = Object.fromEntries(group.map((value) => [nameOf(value), value] as const));
      for (const [name, { shape }] of Object.entries(outputs)) await engine.clearState(name, shape);
      const program = await loadGraph(engine, outputs);
      const update = Object.fromEntries(Object.keys(outputs).map((name) => [name, name]));
      await engine.run(program, {}, { state: { theta: 'theta' }, update });
      await engine.unload(program);
      for (const name of Object.keys(outputs)) prepared.add(name);
    }
    // A state is not taken away, but it can be small.
    await engine.clearState('theta', [1]);
  }

  return {
    model,
    device,
    atOnce,
    get programs() {
      return programs.size;
    },
    async run(name, build, feeds) {
      const made = making.then(() => programOf(name, build, feeds));
      making = made.catch(() => {});
      const { handle, state } = await made;
      const run = engine.run(handle, feeds, { state });
      running.add(run);
      try {
        return await run;
      } finally {
        running.delete(run);
      }
    },
    close: () => engine.close(),
  };
}

/** Values that are computed together: few enough that what they are made of does not weigh. */
function groupsOf(values: readonly Value[]): Value[][] {
  const groups: Value[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const value of values) {
    bytes += bytesOf(value);
    if (bytes > TOGETHER) {
      groups.push([]);
      bytes = bytesOf(value);
    }
    groups.at(-1)!.push(value);
  }
  return groups;
}

function outputsOf(
  { theta, specs }: Weights,
  build: NetworkBuilder,
  feeds: Readonly<Record<string, Tensor>>,
  target: Target,
): Readonly<Record<string, Value>> {
  const graph = new Graph(target);
  const parameters = unflatten(graph.input('theta', [theta.length], 'float32', true), specs);
  const inputs = Object.entries(feeds).map(([name, { shape }]) => [name, graph.input(name, shape)] as const);
  return build(graph, parameters, Object.fromEntries(inputs));
}

function checkFits(
  { theta }: Weights,
  outputs: Readonly<Record<string, Value>>,
  fixed: readonly Value[],
  feeds: Readonly<Record<string, Tensor>>,
  atOnce: number,
  free: number,
): void {
  const shapes = Object.values(feeds).map(({ shape }) => shape.slice(2));
  const dims = shapes[0]!.length as 2 | 3;
  checkFree(
    `${shapes.length > 1 ? 'images' : 'an image'} of ${shapes[0]!.join(' × ')} ${dims === 3 ? 'voxels' : 'pixels'}`,
    inferenceBytes(Object.values(outputs), fixed, theta.length, dims, atOnce),
    free,
    'Close other programs; where a command has --size or --scale, give a smaller one.',
  );
}
