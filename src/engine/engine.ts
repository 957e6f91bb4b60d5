/**
 * What runs graphs. An engine keeps state tensors (parameters, moments, gradients) where it computes; a program reads them
 * and writes them back without a copy through the caller.
 */
import type { Tensor } from '../core/tensor.js';
import type { Target } from '../graph/graph.js';

export const devices = ['auto', 'cpu', 'webgpu', 'cuda'] as const;
/** What the user asks for; `auto` takes CUDA if it works, then WebGPU if it works and is faster than the CPU, then the CPU. */
export type DeviceChoice = (typeof devices)[number];
export type Device = Exclude<DeviceChoice, 'auto'>;

/** How graphs for a device are built. */
export function targetOf(device: Device): Target {
  return device === 'cpu' ? 'cpu' : 'gpu';
}

export interface RunOptions {
  /** Input name to the name of the state tensor that it reads. */
  readonly state?: Readonly<Record<string, string>>;
  /** Output name to the name of the state tensor that it replaces. */
  readonly update?: Readonly<Record<string, string>>;
  /** Begin and end of the elements of the state, flat, that the program sees as a whole; the device `cpu` only. */
  readonly span?: readonly [number, number];
}

export interface Engine {
  /** The device in use. */
  readonly device: Device;
  /** For `auto`: why each device before it was passed over, a line each. */
  readonly passedOver: readonly string[];
  /** Makes a program of an ONNX model and returns its handle. On WebGPU the model is prepared when it first runs. */
  load(model: Uint8Array): Promise<number>;
  /** Runs a program; outputs that update no state are returned. */
  run(program: number, feeds: Readonly<Record<string, Tensor>>, options?: RunOptions): Promise<Record<string, Tensor>>;
  setState(name: string, value: Tensor): Promise<void>;
  /** Sets a state tensor to zeros, which are made where it lies. */
  clearState(name: string, shape: readonly number[]): Promise<void>;
  getState(name: string): Promise<Tensor>;
  /** Ends the worker and frees everything. */
  close(): Promise<void>;
}
