/** The values that a Python pickle is read as: plain data, and what stands for globals, storages and tensors. */
import type { StoredDType, StoredTensor } from './stored.js';

/** Lists and tuples are arrays, dicts are Maps; integers beyond 2^53 are bigint. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | PickleDict
  | PickleGlobal
  | StorageReference
  | StoredTensor;

export type PickleDict = Map<PickleValue, PickleValue>;

/** A global that a pickle names, as a value: only its name, and nothing behind it. */
export class PickleGlobal {
  constructor(readonly name: string) {}
}

/** What an allowed global gives for its arguments. */
export type PickleCall = (args: readonly PickleValue[]) => PickleValue;

/** A storage that a pickle names: `count` elements, from element `offset` of the bytes stored under `key`. */
export class StorageReference {
  constructor(
    readonly key: string,
    readonly dtype: StoredDType,
    readonly offset: number,
    readonly count: number,
  ) {}
}
