/** What an engine's caller and the thread that computes say to each other. */
import type { Round } from '../core/peers.js';
import type { Tensor } from '../core/tensor.js';
import type { DeviceChoice, PeerOptions, RunOptions } from './engine.js';

/** What the thread begins with. */
export interface StartSettings {
  readonly device: DeviceChoice;
  /** Threads within an operator. */
  readonly threads: number;
  /** Bytes of about the largest tensor. */
  readonly largest?: number;
  /** With them, the processes that it computes with. */
  readonly peers?: PeerOptions;
  /** In a page: the address of the folder with the runtime's files. */
  readonly assets?: string;
}

export type Request =
  | { readonly kind: 'start'; readonly settings: StartSettings }
  | { readonly kind: 'load'; readonly model: Uint8Array; readonly optimise: boolean }
  | { readonly kind: 'unload'; readonly program: number }
  | ({
      readonly kind: 'run';
      readonly program: number;
      readonly feeds: Readonly<Record<string, Tensor>>;
    } & Omit<RunOptions, 'handOver'>)
  | { readonly kind: 'set'; readonly name: string; readonly value: Tensor }
  | { readonly kind: 'clear'; readonly name: string; readonly shape: readonly number[] }
  | { readonly kind: 'get'; readonly name: string }
  | { readonly kind: 'gather'; readonly bytes: Uint8Array }
  | { readonly kind: 'broadcast'; readonly bytes: Uint8Array }
  | { readonly kind: 'sum'; readonly name: string; readonly round: Round }
  | { readonly kind: 'spent' }
  | { readonly kind: 'leave' };

export type NumberedRequest = Request & { readonly id: number };

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** What belongs to one array as a whole; a part of something larger is copied. */
export function ownMemory(arrays: readonly ArrayBufferView[]): ArrayBuffer[] {
  const buffers = arrays.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  );
  return [...new Set(buffers)];
}
