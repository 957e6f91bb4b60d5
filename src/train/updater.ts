/**
 * Applies the optimiser to the state on an engine: `theta`, the moments, and the `gradient` that a batch has left. On a
 * CPU it goes through the parameters in segments, whose intermediate values are few and stay in the cache.
 */
import { tensor } from '../core/tensor.js';
import { type Engine, loadGraph } from '../engine/index.js';
import { normGraph, type OptimizerOptions, statePartsOf, stepScalars, updateGraph } from './optimizer.js';

/** Parameters in a segment. */
export const SEGMENT = 2 ** 18;

export interface Updater {
  /** The norm of the gradient, which tells whether it may be used at all. */
  norm(): Promise<number>;
  /** Changes the state. `norm` is that of the gradient; `step` counts from 1. */
  apply(norm: number, rate: number, step: number): Promise<void>;
  /** `theta` and the moments, copied out. */
  state(): Promise<Map<string, Float32Array>>;
  /** Sets `theta` and the moments; what is absent is zero. The gradient becomes zero. */
  setState(state: ReadonlyMap<string, Float32Array>): Promise<void>;
}

/**
 * All of the state is zero at first.
 * @param count the number of parameters
 * @param prefix of the names of the state, where an engine holds several groups of parameters
 */
export async function createUpdater(
  engine: Engine,
  options: OptimizerOptions,
  count: number,
  prefix = '',
): Promise<Updater> {
  const target = engine.target;
  const segment = engine.device === 'cpu' ? Math.min(count, SEGMENT) : count;
  const names = statePartsOf(options);
  const parts = ['gradient', ...names];
  const load = (length: number) => loadGraph(engine, updateGraph(options, length, target));
  // All is asked for at once, so that the engine has it done while the caller encodes what comes next.
  const [measure, whole, rest] = await Promise.all([
    loadGraph(engine, normGraph(count, target)),
    load(segment),
    count % segment === 0 ? null : load(count % segment),
    ...parts.map((name) => engine.clearState(prefix + name, [count])),
  ]);
  /** Whether the state is as it was made: to clear it again would touch all of its memory. */
  let untouched = true;
  const state = Object.fromEntries(parts.map((name) => [name, prefix + name]));
  const update = Object.fromEntries(names.map((name) => [`${name}Next`, prefix + name]));
  return {
    async norm() {
      untouched = false;
      const { gradientNorm } = await engine.run(measure, {}, { state: { gradient: `${prefix}gradient` } });
      return gradientNorm!.data[0]!;
    },
    async apply(norm, rate, step) {
      const scalars = { gradientNorm: norm, ...stepScalars(options, rate, step) };
      const feeds = Object.fromEntries(
        Object.entries(scalars).map(([name, value]) => [name, tensor([1], Float32Array.of(value))]),
      );
      if (segment === count) {
        await engine.run(whole, feeds, { state, update });
        return;
      }
      // All are asked for at once, so that the engine need not wait for a word between them.
      const runs = Array.from({ length: Math.ceil(count / segment) }, (_, index) => {
        const begin = index * segment;
        const end = Math.min(count, begin + segment);
        const part = (names: Readonly<Record<string, string>>) =>
          Object.fromEntries(Object.entries(names).map(([key, name]) => [key, { name, begin, shape: [end - begin] }]));
        return engine.run(end - begin === segment ? whole : rest!, feeds, { state: part(state), update: part(update) });
      });
      await Promise.all(runs);
    },
    async state() {
      const found = new Map<string, Float32Array>();
      for (const name of names) found.set(name, (await engine.getState(prefix + name)).data);
      return found;
    },
    async setState(given) {
      const clear = untouched ? async () => {} : (name: string) => engine.clearState(prefix + name, [count]);
      untouched = false;
      for (const name of names) {
        const data = given.get(name);
        await (data ? engine.setState(prefix + name, tensor([count], data)) : clear(name));
      }
      await clear('gradient');
    },
  };
}
