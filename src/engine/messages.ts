/** What an engine's caller and the thread that computes say to each other. */
import type { Tensor } from '../core/tensor.js';
import type { RunOptions } from './engine.js';

export type Request =
  | { readonly kind: 'start' }
  | { readonly kind: 'load'; readonly model: Uint8Array; readonly optimise: boolean }
  | ({
      readonly kind: 'run';
      readonly program: number;
      readonly feeds: Readonly<Record<string, Tensor>>;
    } & RunOptions)
  | { readonly kind: 'set'; readonly name: string; readonly value: Tensor }
  | { readonly kind: 'clear'; readonly name: string; readonly shape: readonly number[] }
  | { readonly kind: 'get'; readonly name: string };

export type NumberedRequest = Request & { readonly id: number };

export interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}
