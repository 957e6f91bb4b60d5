/** Models of one node from `x` to `y`, written without a graph: the thread that computes builds none. */
import { beginModel, writeNamedNode, writeType } from '../onnx/messages.js';

/** `y = −x` for one number: does the device start, and does it compute? */
export function startModel(): Uint8Array {
  return oneNode('Neg', [1]);
}

/** `y = x`, for moving a tensor to a device or back. */
export function copyModel(shape: readonly number[]): Uint8Array {
  return oneNode('Identity', shape);
}

function oneNode(op: string, shape: readonly number[]): Uint8Array {
  return beginModel(17, (graph) => {
    writeNamedNode(graph, { op, inputs: ['x'], output: 'y', attributes: {} });
    graph.text(2, 'cover');
    writeType(graph, 11, { name: 'x', dtype: 'float32', shape });
    writeType(graph, 12, { name: 'y', dtype: 'float32', shape });
  }).finish();
}
