/** What a golden case is and what a handler of one `op` gives back. */
import type { Tensor } from '../../core/tensor.js';

/** One entry of a golden `index.json` with the tensors of its file. */
export interface GoldenCase {
  readonly name: string;
  readonly op: string;
  readonly params: Readonly<Record<string, unknown>>;
  /**
   * Every tensor of the case's safetensors file, by its full name (`in.x`, `param.weight`, `gout.y`, `out.y`,
   * `grad.x`).
   */
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly tolerance: Readonly<Record<string, unknown>>;
  /** The folder of the index, for cases that name further files. */
  readonly folder: string;
}

/**
 * What was computed, by the name of the stored tensor (`out.y`, `grad.x`). A handler may also return finished checks in
 * `checks`, for cases whose rule is not a comparison of tensors.
 */
export interface GoldenResult {
  readonly tensors?: Readonly<Record<string, Tensor>>;
  readonly checks?: readonly GoldenCheck[];
  /** Stored tensors that `checks` compare, by rules of their own. */
  readonly checked?: readonly string[];
}

/** A finished check: the error that was measured and the largest that is allowed. */
export interface GoldenCheck {
  readonly what: string;
  readonly error: number;
  readonly allowed: number;
}

export type GoldenHandler = (golden: GoldenCase) => Promise<GoldenResult>;
