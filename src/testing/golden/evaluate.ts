/** Runs a small graph once: the way golden cases and finite differences look at one operator. */
import { type Tensor, tensor } from '../../core/tensor.js';
import { type Engine, loadGraph } from '../../engine/index.js';
import { Graph, gradients, type Target, type Value } from '../../graph/index.js';

/** Builds outputs from inputs, all by name. */
export type Builder = (inputs: Readonly<Record<string, Value>>) => Readonly<Record<string, Value>>;

/**
 * The outputs of `build` for `inputs`, and with `upstream` (one gradient per output, by the output's name) the
 * gradients of the inputs named in `wanted`, as `grad:<input>`.
 */
export async function evaluate(
  engine: Engine,
  inputs: Readonly<Record<string, Tensor>>,
  build: Builder,
  { upstream = {}, wanted = [], target = engine.target }: EvaluateOptions = {},
): Promise<Record<string, Tensor>> {
  const graph = new Graph(target);
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape }]) => [name, graph.input(name, shape)]),
  );
  const outputs: Record<string, Value> = { ...build(values) };
  const feeds: Record<string, Tensor> = { ...inputs };
  if (wanted.length) {
    const seeds = Object.entries(upstream).map(([name, { shape, data }]) => {
      const value = outputs[name]!;
      feeds[`seed:${name}`] = tensor(value.shape, data);
      return { value, seed: graph.input(`seed:${name}`, value.shape.length ? value.shape : shape) };
    });
    const found = gradients(
      seeds,
      wanted.map((name) => values[name]!),
    );
    wanted.forEach((name, index) => {
      if (found[index]) outputs[`grad:${name}`] = found[index];
    });
  }
  const program = await loadGraph(engine, outputs);
  return engine.run(program, feeds);
}

export interface EvaluateOptions {
  readonly upstream?: Readonly<Record<string, Tensor>>;
  readonly wanted?: readonly string[];
  /** How the operators are built; as fits the engine's device where absent. */
  readonly target?: Target;
}
