/** A graph as ONNX bytes. Only the nodes that the outputs depend on are written. */
import { type GraphNode, reachable, type Value } from '../graph/graph.js';
import { fileOrder } from '../graph/order.js';
import { blurringWriter, plainWriter, type Written } from './blur.js';
import { beginModel, writeAttribute, writeConstant, writeNamedNode, writeType } from './messages.js';
import type { ProtobufWriter } from './protobuf.js';
import type { NamedConstant, Surroundings } from './surroundings.js';

/** Reductions that took their axes as an attribute before set 18. */
const AXES_ATTRIBUTE = new Set(['ReduceMean', 'ReduceMax', 'ReduceSumSquare']);

export interface EncodeOptions {
  /** Text pairs that travel with the model (`metadata_props`). */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Names for constants, which are otherwise numbered: the parameters of a network. */
  readonly names?: ReadonlyMap<Value, string>;
  /** Values that are inputs of these names, and are not computed; equal ones may share a name. */
  readonly given?: ReadonlyMap<Value, string>;
  /** Nodes around the graph; its own inputs and outputs are then values within the file. */
  readonly surroundings?: Surroundings;
  /** Whether large values have shapes that the runtime does not know beforehand, for less memory on a CPU. */
  readonly blur?: boolean;
}

/**
 * @param outputs the values to compute, by the name that they get
 * @returns the bytes of an ONNX model with the graph's named inputs as inputs
 */
export function encodeOnnx(outputs: Readonly<Record<string, Value>>, options: EncodeOptions = {}): Uint8Array {
  const values = Object.values(outputs);
  const graph = values[0]!.graph;
  const opset = graph.lowering.operatorSet;
  const known = options.given ?? new Map<Value, string>();
  const nodes = reachable(values, known);
  // The runtime copies a named value, unless its node gives it that name.
  const taken = new Set(nodes.flatMap(({ inputs }) => inputs));
  const direct = Object.entries(outputs).filter(
    ([, value]) => value.node.op !== 'Input' && !value.node.data && !known.has(value),
  );
  const ofOutput = new Map(direct.toReversed().map(([name, value]) => [value, name]));
  const nameOf = (value: Value) =>
    known.get(value) ?? ofOutput.get(value) ?? options.names?.get(value) ?? value.node.name ?? `v${value.id}`;
  const { surroundings: around } = options;
  const model = beginModel(opset, (body) => {
    for (const node of around?.before ?? []) writeNamedNode(body, node);
    const isUsed = (value: Value) => taken.has(value) || values.includes(value);
    const kept = new Set(values);
    const writer = options.blur ? blurringWriter(nodes, kept, nameOf) : plainWriter(nameOf);
    for (const node of fileOrder(nodes)) {
      // The runtime pools slowly where it is asked for the places of the maxima.
      const made = node.op === 'MaxPool' ? node.outputs.filter(isUsed) : node.outputs;
      const written = writer.write(node, made);
      for (const named of written.before) writeNamedNode(body, named);
      writeNode(body, node, written, opset);
      for (const named of written.after) writeNamedNode(body, named);
    }
    for (const [name, value] of Object.entries(outputs)) {
      if (ofOutput.get(value) === name) continue;
      body.message(1, (m) => m.text(1, nameOf(value)).text(2, name).text(3, `output:${name}`).text(4, 'Identity'));
    }
    for (const node of around?.after ?? []) writeNamedNode(body, node);
    body.text(2, 'cover');
    for (const node of nodes) if (node.data) writeConstant(body, constantOf(node, nameOf));
    for (const constant of writer.constants) writeConstant(body, constant);
    for (const constant of around?.constants ?? []) writeConstant(body, constant);
    const given = nodes.flatMap(({ op, name, outputs: [value] }) =>
      op === 'Input' ? [{ ...value!, name: name! }] : [],
    );
    const asked = [...taken, ...values].filter((value) => known.has(value));
    given.push(...new Map(asked.map((value) => [known.get(value)!, { ...value, name: known.get(value)! }])).values());
    for (const input of around?.inputs ?? given) writeType(body, 11, input);
    const made = Object.entries(outputs).map(([name, value]) => ({ ...value, name }));
    for (const output of around?.outputs ?? made) writeType(body, 12, output);
  });
  for (const domain of new Set(nodes.map(({ op }) => splitName(op).domain))) {
    if (domain) model.message(8, (m) => m.text(1, domain).integer(2, 1));
  }
  for (const [key, value] of Object.entries(options.metadata ?? {})) {
    model.message(14, (m) => m.text(1, key).text(2, value));
  }
  return model.finish();
}

function writeNode(body: ProtobufWriter, node: GraphNode, written: Written, opset: number): void {
  const lowered = opset < 18 && AXES_ATTRIBUTE.has(node.op);
  const inputs = lowered ? written.inputs.slice(0, 1) : written.inputs;
  const axes = lowered ? { axes: Array.from(node.inputs[1]!.node.data as BigInt64Array, Number) } : {};
  body.message(1, (m) => {
    for (const input of inputs) m.text(1, input);
    for (const output of written.outputs) m.text(2, output);
    const { domain, name } = splitName(node.op);
    m.text(3, `${name}:${node.outputs[0]!.id}`).text(4, name);
    if (domain) m.text(7, domain);
    const mode =
      opset < 20 && node.op === 'GridSample' && node.attributes.mode === 'linear' ? { mode: 'bilinear' } : {};
    for (const [key, value] of Object.entries({ ...node.attributes, ...axes, ...mode })) writeAttribute(m, key, value);
  });
}

/** An operator of the standard has no domain; the runtime's own are named `domain.Operator`. */
function splitName(op: string): { readonly domain: string; readonly name: string } {
  const dot = op.lastIndexOf('.');
  return { domain: op.slice(0, Math.max(dot, 0)), name: op.slice(dot + 1) };
}

function constantOf(node: GraphNode, nameOf: (value: Value) => string): NamedConstant {
  const value = node.outputs[0]!;
  const data = node.data!;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name: nameOf(value), dtype: value.dtype, shape: value.shape, bytes };
}
