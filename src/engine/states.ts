/**
 * Tensors by name that stay where an engine computes. On the CPU a program writes new state over the old. On WebGPU
 * state lies in GPU buffers: each run makes new ones, which feed the next run, and the old ones are freed. With CUDA
 * the runtime hands out no device memory: state lies on the CPU and is copied in and out of each run.
 */
import type { Tensor as RuntimeTensor } from 'onnxruntime-common';
import { sizeOf, type Tensor } from '../core/tensor.js';
import type { StateReference } from './engine.js';
import { copyModel } from './one-node.js';
import type { Location, Runtime, Session } from './runtime.js';

export interface States {
  has(reference: StateReference): boolean;
  /**
   * A state tensor, or a part of it that shares its memory.
   * @throws when there is no such state, or when it has no such part
   */
  get(reference: StateReference): RuntimeTensor;
  /**
   * Makes an output of a program the new state; of a known state on the CPU, the values are copied over the old ones.
   */
  replace(reference: StateReference, output: RuntimeTensor): void;
  set(name: string, value: Tensor): Promise<void>;
  /** Zeros. Memory that is there already is used again. */
  clear(name: string, shape: readonly number[]): Promise<void>;
  /** A copy. */
  read(name: string): Promise<Tensor>;
  /** Lets `change` write over the values: where they lie, or, of a state on the GPU, a copy that is put back. */
  change(name: string, change: (values: Float32Array) => void): Promise<void>;
}

export function createStates(runtime: Runtime): States {
  const { Tensor: RuntimeTensor } = runtime;
  const tensors = new Map<string, RuntimeTensor>();
  const copies = new Map<string, Session>();

  const get = (reference: StateReference) => {
    const name = nameOf(reference);
    const found = tensors.get(name);
    if (!found) throw new Error(`there is no state "${name}"`);
    if (typeof reference === 'string') return found;
    const { begin, shape } = reference;
    const [length, whole] = [sizeOf(shape), sizeOf(found.dims)];
    if (begin === 0 && length === whole && shape.join() === found.dims.join()) return found;
    if (begin < 0 || begin + length > whole || found.location === 'gpu-buffer') {
      throw new Error(`the state "${name}" of ${whole} has no part of ${length} from ${begin} on`);
    }
    return new RuntimeTensor('float32', valuesOf(found).subarray(begin, begin + length), shape);
  };
  /**
   * A tensor's data cannot be read on the GPU (`getData` is not there in Node): a session that copies its input moves
   * it.
   */
  const copyTo = async (location: Location, value: RuntimeTensor) => {
    const key = `${location}|${value.dims.join()}`;
    const session =
      copies.get(key) ?? (await runtime.createSession(copyModel(value.dims), { optimise: true, outputs: location }));
    copies.set(key, session);
    return (await session.run({ x: value })).y as RuntimeTensor;
  };
  const put = (name: string, value: RuntimeTensor) => {
    const old = tensors.get(name);
    tensors.set(name, value);
    if (old && old !== value && old.location === 'gpu-buffer') old.dispose();
  };
  const set = async (name: string, value: Tensor) => {
    const given = new RuntimeTensor('float32', value.data, value.shape);
    put(name, runtime.device === 'webgpu' ? await copyTo('gpu-buffer', given) : given);
  };
  const read = async (name: string) => {
    const found = get(name);
    const here = found.location === 'gpu-buffer' ? await copyTo('cpu', found) : found;
    return { shape: [...here.dims], data: valuesOf(here).slice() };
  };
  return {
    has: (reference) => tensors.has(nameOf(reference)),
    get,
    replace(reference, output) {
      const name = nameOf(reference);
      if (output.location === 'gpu-buffer' || !tensors.has(name)) put(name, output);
      else valuesOf(get(reference)).set(valuesOf(output));
    },
    set,
    async clear(name, shape) {
      const known = tensors.get(name);
      if (known?.location === 'cpu' && known.dims.join() === shape.join()) valuesOf(known).fill(0);
      else await set(name, { shape, data: runtime.zeros(sizeOf(shape)) });
    },
    read,
    async change(name, change) {
      const found = get(name);
      if (found.location === 'cpu') {
        change(valuesOf(found));
        return;
      }
      const copy = await read(name);
      change(copy.data);
      await set(name, copy);
    },
  };
}

const nameOf = (reference: StateReference) => (typeof reference === 'string' ? reference : reference.name);

/** The values of a tensor on the CPU. */
function valuesOf(value: RuntimeTensor): Float32Array {
  return value.data as Float32Array;
}
