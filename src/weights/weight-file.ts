/** What a file of weights holds, whatever its format. */
import type { Tensor } from '../core/tensor.js';

/** Tensors by name, as a file of weights has them. */
export interface WeightFile {
  /** Its path, for messages. */
  readonly file: string;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** What a safetensors file says beside; empty for others. */
  readonly metadata: Readonly<Record<string, string>>;
}
