/**
 * Whether an ONNX model keeps tensors outside of itself. The runtime would look for them by paths that the model names,
 * from the working directory on, so that a file from elsewhere could read what it should not: such a model is refused
 * before it is loaded.
 */
import { InputError } from '../core/errors.js';
import { damagedModel, fields } from './fields.js';

type Message = 'model' | 'training' | 'function' | 'graph' | 'node' | 'attribute' | 'sparse' | 'tensor';

/** Where messages are within messages, by the field numbers of the standard. */
const WITHIN: Readonly<Record<Message, Readonly<Record<number, Message>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  tensor: {},
};
const EXTERNAL_DATA = 13;
const DATA_LOCATION = 14;
/** Graphs within graphs go no deeper in any model that is meant. */
const DEEPEST = 64;

/** @throws InputError ('file') when a tensor's values are in another file, or the bytes are no ONNX model */
export function refuseExternalData(bytes: Uint8Array, source: string): void {
  visit(bytes, 'model', 0);

  function visit(message: Uint8Array, kind: Message, depth: number): void {
    if (depth > DEEPEST) throw damagedModel(source);
    for (const { field, content, value } of fields(message, source)) {
      const outside = kind === 'tensor' && (field === EXTERNAL_DATA || (field === DATA_LOCATION && value !== 0));
      if (outside) throw external(source);
      const inner = WITHIN[kind][field];
      if (inner && content) visit(content, inner, depth + 1);
    }
  }
}

function external(source: string): InputError {
  return new InputError(
    'file',
    `${source}: expected a model with all of its values inside, found values that it keeps in another file`,
    'Files of cover export are whole. Make this one whole with a tool of ONNX, and only if you know where it is from.',
  );
}
