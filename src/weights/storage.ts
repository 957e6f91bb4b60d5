/**
 * The tensors of a PyTorch pickle. A pickle names storages (flat runs of one dtype, whose bytes stand elsewhere in the
 * file) and builds tensors as strided views of them. The views are collected while the pickle is read and filled once
 * the bytes of the storages are known.
 */
import { InputError } from '../core/errors.js';
import { stridesOf } from '../core/tensor.js';
import { type PickleCall, PickleGlobal, type PickleValue, StorageReference } from './pickle-value.js';
import { quote } from './quote.js';
import { BYTES_OF, byteLengthOf, type StoredDType, type StoredTensor } from './stored.js';

/** The storage classes of PyTorch that are read, by their dtype. */
const STORAGE_DTYPES: ReadonlyMap<string, StoredDType> = new Map<string, StoredDType>([
  ['torch.FloatStorage', 'F32'],
  ['torch.DoubleStorage', 'F64'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
  ['torch.LongStorage', 'I64'],
  ['torch.IntStorage', 'I32'],
  ['torch.ShortStorage', 'I16'],
  ['torch.CharStorage', 'I8'],
  ['torch.ByteStorage', 'U8'],
  ['torch.BoolStorage', 'BOOL'],
]);

/**
 * What trainers keep beside the weights: a score of NumPy, a size, a device, a dtype. Only the weights are used, so a
 * value that takes more to be told is left empty.
 */
const BESIDE: ReadonlyMap<string, PickleCall | null> = new Map<string, PickleCall | null>([
  ['torch.Size', ([extents]) => extents ?? null],
  ['torch.device', ([name]) => name ?? null],
  ...['float64', 'float32', 'float16', 'bfloat16', 'int64'].map((name): [string, null] => [`torch.${name}`, null]),
  ['_codecs.encode', ([text]) => text ?? null],
  ['numpy.dtype', () => new Map()],
  ['numpy.core.multiarray.scalar', () => null],
  ['numpy._core.multiarray.scalar', () => null],
]);

/** PyTorch's own limit on the axes of a tensor. */
const MOST_AXES = 64;

interface View {
  readonly tensor: StoredTensor;
  readonly storage: StorageReference;
  /** In elements. */
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Collects the tensors of one pickle: give `globals` and `persistent` to `readPickle`, then call `fill`. */
export class TensorCollector {
  readonly globals: ReadonlyMap<string, PickleCall | null> = new Map<string, PickleCall | null>([
    ['collections.OrderedDict', (args) => this.orderedDict(args)],
    ['torch._utils._rebuild_tensor_v2', (args) => this.rebuildTensor(args)],
    ['torch._utils._rebuild_parameter', (args) => this.rebuildParameter(args)],
    ...[...STORAGE_DTYPES.keys()].map((name): [string, null] => [name, null]),
    ...BESIDE,
  ]);
  /** Every dtype by the key of its storage. */
  readonly dtypes = new Map<string, StoredDType>();
  private readonly views: View[] = [];

  constructor(private readonly source: string) {}

  /**
   * `('storage', class, key, location, count)`, with a view `(key, offset, count)` or None at the end in older files.
   */
  readonly persistent: PickleCall = (id) => {
    const [kind, storage, key, , count, view] = id;
    const dtype = storage instanceof PickleGlobal ? STORAGE_DTYPES.get(storage.name) : undefined;
    if (kind !== 'storage' || dtype === undefined || typeof key !== 'string' || !isCount(count)) {
      throw this.invalid('a storage is not described as PyTorch does');
    }
    const known = this.dtypes.get(key) ?? dtype;
    if (known !== dtype) throw this.invalid(`storage ${quote(key)} is named as ${known} and as ${dtype}`);
    this.dtypes.set(key, dtype);
    if (view === undefined || view === null) return new StorageReference(key, dtype, 0, count);
    const [, offset, viewCount] = Array.isArray(view) ? view : [];
    if (!isCount(offset) || !isCount(viewCount)) throw this.invalid(`the view of storage ${quote(key)} is not valid`);
    return new StorageReference(key, dtype, offset, viewCount);
  };

  /**
   * Gives every tensor its row-major bytes: a view of its storage where the tensor is contiguous, else a copy. All
   * copies together take at most `limit` bytes.
   * @param bytesOf The bytes of a storage by its key; undefined where the file has none.
   * @throws InputError ('weights') when a storage is missing, a tensor leaves its storage or the copies pass the limit.
   */
  fill(bytesOf: (key: string) => Uint8Array | undefined, limit: number): void {
    let rest = limit;
    for (const view of this.views) {
      const { tensor, storage, offset, strides } = view;
      const length = byteLengthOf(tensor.dtype, tensor.shape);
      if (length === undefined) throw this.invalid(`a tensor of shape [${tensor.shape}] is too large`);
      if (length === 0) continue;
      const size = BYTES_OF[tensor.dtype];
      const first = (storage.offset + offset) * size;
      const last = tensor.shape.reduce((sum, extent, axis) => sum + (extent - 1) * strides[axis]!, offset);
      const bytes = bytesOf(storage.key);
      if (bytes === undefined) throw this.invalid(`the bytes of storage ${quote(storage.key)} are missing`);
      if (last >= storage.count || (storage.offset + last + 1) * size > bytes.length) {
        throw this.invalid(
          `a tensor of shape [${tensor.shape}] ends at element ${last} of storage ${quote(storage.key)}, which has ` +
            `${storage.count} elements in ${bytes.length} bytes`,
        );
      }
      if (isContiguous(tensor.shape, strides)) {
        tensor.bytes = bytes.subarray(first, first + length);
        continue;
      }
      rest -= length;
      if (rest < 0) throw this.invalid(`its strided tensors take more than the ${limit} bytes of its data`);
      tensor.bytes = gather(bytes, first, tensor.shape, strides, size, length);
    }
  }

  private orderedDict(args: readonly PickleValue[]): PickleValue {
    if (args.length > 0) throw this.invalid('an OrderedDict is built from arguments, as in files of Python 2');
    return new Map();
  }

  /** (storage, offset, shape, strides, requires_grad, hooks, ...) */
  private rebuildTensor(args: readonly PickleValue[]): StoredTensor {
    const [storage, offset, shape, strides] = args;
    if (!(storage instanceof StorageReference) || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) {
      throw this.invalid('a tensor is not described as PyTorch does');
    }
    if (shape.length !== strides.length) {
      throw this.invalid(`a tensor has ${shape.length} extents and ${strides.length} strides`);
    }
    const tensor: StoredTensor = { dtype: storage.dtype, shape: [...shape], bytes: new Uint8Array(0) };
    this.views.push({ tensor, storage, offset, strides: [...strides] });
    return tensor;
  }

  private rebuildParameter([data]: readonly PickleValue[]): StoredTensor {
    if (!isTensor(data)) throw this.invalid('a parameter is built from no tensor');
    return data;
  }

  private invalid(what: string): InputError {
    return new InputError(
      'weights',
      `${this.source}: not a valid PyTorch checkpoint: ${what}`,
      'The file may be damaged or made by other software; save it again with torch.save.',
    );
  }
}

/** True for a tensor among the values of a pickle. */
export function isTensor(value: PickleValue | undefined): value is StoredTensor {
  return typeof value === 'object' && value !== null && 'shape' in value && 'bytes' in value;
}

function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  const expected = stridesOf(shape);
  return shape.every((extent, axis) => extent === 1 || strides[axis] === expected[axis]);
}

/** Copies a strided view into row-major order. */
function gather(
  bytes: Uint8Array,
  first: number,
  shape: readonly number[],
  strides: readonly number[],
  size: number,
  length: number,
): Uint8Array {
  const copy = new Uint8Array(length);
  const index = new Array<number>(shape.length).fill(0);
  let from = first;
  for (let to = 0; to < length; to += size) {
    for (let byte = 0; byte < size; byte++) copy[to + byte] = bytes[from + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]! * size;
      if (++index[axis]! < shape[axis]!) break;
      from -= shape[axis]! * strides[axis]! * size;
      index[axis] = 0;
    }
  }
  return copy;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** A short list, so that tensors that share one cannot fill the memory with copies of it. */
function isCounts(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= MOST_AXES && value.every(isCount);
}
