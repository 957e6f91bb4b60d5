/**
 * What runs graphs. An engine keeps state tensors (parameters, moments, gradients) where it computes; a program reads
 * them and writes them back without a copy through the caller.
 */
import type { Peers } from '../core/peers.js';
import type { Tensor } from '../core/tensor.js';
import type { Target } from '../graph/index.js';

export const devices = ['auto', 'cpu', 'webgpu', 'cuda'] as const;
/**
 * What the user asks for; `auto` takes CUDA if it works, then WebGPU if it works and is faster than the CPU, then the
 * CPU.
 */
export type DeviceChoice = (typeof devices)[number];
export type Device = Exclude<DeviceChoice, 'auto'>;

/**
 * The elements of a state tensor, flat, from `begin` on, as a tensor of `shape` that shares their memory. On WebGPU,
 * where a buffer cannot be shared, a part must be the whole.
 */
export interface StatePart {
  readonly name: string;
  readonly begin: number;
  readonly shape: readonly number[];
}

/** By its name, a state tensor as a whole. */
export type StateReference = string | StatePart;

export interface HandOver {
  /**
   * Whether the memory of what is given passes to the engine, which spares a copy: the caller's arrays are empty then.
   * What is a part of something larger is copied nevertheless. False where absent.
   */
  readonly handOver?: boolean;
}

export interface RunOptions extends HandOver {
  /** Input name to the state that it reads. */
  readonly state?: Readonly<Record<string, StateReference>>;
  /** Output name to the state that it replaces. */
  readonly update?: Readonly<Record<string, StateReference>>;
}

export interface LoadOptions extends HandOver {
  /**
   * Whether the runtime looks for a better layout of the model; true where absent. Graphs for the targets `x64` and
   * `wasm` are laid out already: without the search a program is there sooner (`x64`: in less than half the time) and
   * takes less memory.
   */
  readonly optimise?: boolean;
}

export interface Engine {
  /** The device in use. A page's WebAssembly is the device `cpu`. */
  readonly device: Device;
  /** How graphs for it are built. */
  readonly target: Target;
  /** For `auto`: why each device before it was passed over, a line each. */
  readonly passedOver: readonly string[];
  /** Makes a program of an ONNX model and returns its handle. On WebGPU the model is prepared when it first runs. */
  load(model: Uint8Array, options?: LoadOptions): Promise<number>;
  /** Frees what a program takes; it can't run any more. */
  unload(program: number): Promise<void>;
  /** Runs a program; outputs that update no state are returned. */
  run(program: number, feeds: Readonly<Record<string, Tensor>>, options?: RunOptions): Promise<Record<string, Tensor>>;
  setState(name: string, value: Tensor): Promise<void>;
  /** Sets a state tensor to zeros, which are made where it lies. */
  clearState(name: string, shape: readonly number[]): Promise<void>;
  getState(name: string): Promise<Tensor>;
  /** How many runs it does at the same time; 1 where absent. */
  readonly atOnce?: number;
  /** The processes that work on the run together; null where this one is alone. */
  readonly peers: Peers | null;
  /** Ends the worker, once it has done what was asked for before, and frees everything. */
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly device?: DeviceChoice;
  /** Threads within an operator; where absent or 0, as many as `OMP_NUM_THREADS` says, otherwise as many as help. */
  readonly threads?: number;
  /** Bytes of about the largest tensor that programs will make, where it is known: how WebGPU keeps its buffers. */
  readonly largest?: number;
  /** Joins the processes that a launcher of MPI started with this one. */
  readonly peers?: PeerOptions;
}

export interface PeerOptions {
  /** The MPI library; found by its usual names where absent. */
  readonly library?: string;
}

/** How an engine is started: Node and a page have one each. */
export type StartEngine = (options?: EngineOptions) => Promise<Engine>;
