/** Models of one node from `x` to `y`, written without a graph: the thread that computes builds none. */
import { writeNamedNode, writeType } from '../onnx/messages.js';
import { ProtobufWriter } from '../onnx/protobuf.js';

/** `y = −x` for one number: does the device start, and does it compute? */
export function startModel(): Uint8Array {
  return oneNode('Neg', [1]);
}

/** `y = x`, for moving a tensor to a device or back. */
export function copyModel(shape: readonly number[]): Uint8Array {
  return oneNode('Identity', shape);
}

function oneNode(op: string, shape: readonly number[]): Uint8Array {
  const model = new ProtobufWriter().integer(1, 9).text(2, 'cover-ts');
  model.message(7, (graph) => {
    writeNamedNode(graph, { op, inputs: ['x'], output: 'y', attributes: {} });
    graph.text(2, 'cover');
    writeType(graph, 11, { name: 'x', dtype: 'float32', shape });
    writeType(graph, 12, { name: 'y', dtype: 'float32', shape });
  });
  return model.message(8, (set) => set.text(1, '').integer(2, 17)).finish();
}
