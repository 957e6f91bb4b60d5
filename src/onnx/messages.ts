/** The messages that an ONNX file consists of, from values and nodes that are known by name. */
import type { Attribute } from '../graph/graph.js';
import { ProtobufWriter } from './protobuf.js';
import { elementTypes, type NamedConstant, type NamedNode, type NamedValue } from './surroundings.js';

/** A model of one graph, to which domains and metadata may still be added. @param opset of the standard's operators */
export function beginModel(opset: number, writeGraph: (graph: ProtobufWriter) => void): ProtobufWriter {
  const model = new ProtobufWriter().integer(1, 9).text(2, 'cover-ts');
  return model.message(7, writeGraph).message(8, (set) => set.text(1, '').integer(2, opset));
}

export function writeAttribute(node: ProtobufWriter, name: string, value: Attribute): void {
  node.message(5, (m) => {
    m.text(1, name);
    if (typeof value === 'number') m.integer(3, value).integer(20, 2);
    else if (typeof value === 'string') m.text(4, value).integer(20, 3);
    else if ('float' in value) m.float(2, value.float).integer(20, 1);
    else if ('floats' in value) {
      for (const item of value.floats) m.float(7, item);
      m.integer(20, 6);
    } else {
      for (const item of value) m.integer(8, item);
      m.integer(20, 7);
    }
  });
}

/** Nodes of the standard, which has no domain. */
export function writeNamedNode(body: ProtobufWriter, { op, inputs, output, attributes }: NamedNode): void {
  body.message(1, (m) => {
    for (const input of inputs) m.text(1, input);
    m.text(2, output).text(3, `${op}:${output}`).text(4, op);
    for (const [key, value] of Object.entries(attributes)) writeAttribute(m, key, value);
  });
}

export function writeConstant(body: ProtobufWriter, { name, dtype, shape, bytes }: NamedConstant): void {
  body.message(5, (m) => {
    for (const extent of shape) m.integer(1, extent);
    m.integer(2, elementTypes[dtype]).text(8, name).bytes(9, bytes);
  });
}

export function writeType(body: ProtobufWriter, field: number, value: NamedValue): void {
  body.message(field, (info) => {
    info.text(1, value.name).message(2, (type) =>
      type.message(1, (tensor) => {
        tensor.integer(1, elementTypes[value.dtype]).message(2, (shape) => {
          for (const extent of value.shape) {
            shape.message(1, (dim) => (typeof extent === 'number' ? dim.integer(1, extent) : dim.text(2, extent)));
          }
        });
      }),
    );
  });
}
