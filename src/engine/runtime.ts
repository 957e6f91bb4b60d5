/**
 * What the host needs of ONNX Runtime: the part that its packages for Node and for pages have in common. A shell makes
 * one of the package that it imports.
 */
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-common';
import type { Device } from './engine.js';

export type Location = 'cpu' | 'gpu-buffer';

export interface SessionNeeds {
  /** Whether the runtime looks for a better layout of the model. */
  readonly optimise: boolean;
  /** Where outputs are left; all on the CPU where absent. */
  readonly outputs?: Location | Readonly<Record<string, Location>>;
  /** Where the runtime's record of the session is written: how the names of its files begin. Node alone. */
  readonly profile?: string;
}

/** What is asked of a session. */
export type Session = Pick<InferenceSession, 'inputNames' | 'outputNames' | 'release' | 'endProfiling'> & {
  /** @param fetches outputs that are there already; the others are made */
  run(
    feeds: Readonly<Record<string, Tensor>>,
    fetches?: Readonly<Record<string, Tensor | null>>,
  ): Promise<Record<string, Tensor>>;
};

export interface Runtime {
  readonly device: Device;
  readonly Tensor: TensorConstructor;
  /**
   * Whether a tensor that is passed as an output is written where it lies; otherwise each output is memory of its own.
   */
  readonly writesInPlace: boolean;
  /** Zeros for a state, whose memory is taken when it is written where that is possible. */
  zeros(count: number): Float32Array;
  createSession(model: Uint8Array, needs: SessionNeeds): Promise<Session>;
}

/** The runtime's message without its source position: `file.cc:136 function(…) condition was false. MESSAGE`. */
export function briefly(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const line = message.split('\n')[0]!;
  return line.startsWith('/') ? line.replace(/^.* was false\. /, '') : line;
}
