/**
 * PyTorch checkpoints (`.pth`, `.pt`), read without running any of their code: the zip format, since PyTorch 1.6, and
 * the older one of several pickles followed by the storages. Little-endian files only; TorchScript archives are
 * refused.
 */
import { InputError } from '../core/errors.js';
import { readPickle } from './pickle.js';
import type { PickleValue } from './pickle-value.js';
import { quote } from './quote.js';
import { TensorCollector } from './storage.js';
import { BYTES_OF } from './stored.js';
import { isZip, readZip, type ZipArchive } from './zip.js';

export type { PickleDict, PickleValue } from './pickle-value.js';
export { stateDictOf } from './state-dict.js';
export { isTensor } from './storage.js';

/** What `torch.save` was given: dicts are Maps, tensors are `StoredTensor`s in row-major order. */
export interface PthFile {
  readonly root: PickleValue;
}

/** The first pickle of the older format. */
const LEGACY_MAGIC = 0x1950a86a20f9469cfc6cn;
/** The operation that opens every binary pickle. */
const PICKLE_START = 0x80;
const LEGACY_PROTOCOL = 1001;

/**
 * Reads a checkpoint from its bytes. Contiguous tensors are views of `bytes`; others are copies.
 * @param source The file's name, for messages.
 * @throws InputError ('weights') when they are not valid, or name Python code beyond tensors, OrderedDict and the few
 * values that trainers keep beside them; nothing is run in any case.
 */
export function readPth(bytes: Uint8Array, source: string): PthFile {
  return { root: isZip(bytes) ? readZipFormat(bytes, source) : readLegacyFormat(bytes, source) };
}

/** `<name>/data.pkl` is the pickle, `<name>/data/<key>` are the storages. */
function readZipFormat(bytes: Uint8Array, source: string): PickleValue {
  const archive = readZip(bytes, source);
  const folder = folderOf(archive, source);
  const order = archive.read(`${folder}/byteorder`);
  if (order && new TextDecoder().decode(order).trim() !== 'little') throw bigEndian(source);
  const pickle = archive.read(`${folder}/data.pkl`)!;
  const collector = new TensorCollector(source);
  const { value } = readPickle(pickle, 0, { source, globals: collector.globals, persistent: collector.persistent });
  collector.fill((key) => archive.read(`${folder}/data/${key}`), bytes.length);
  return value;
}

function folderOf(archive: ZipArchive, source: string): string {
  const pickles = archive.names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (pickles.length !== 1) {
    throw invalid(source, `expected one data.pkl in the archive, found ${pickles.length}`);
  }
  const folder = pickles[0]!.slice(0, -'/data.pkl'.length);
  if (archive.names.includes(`${folder}/constants.pkl`)) {
    throw invalid(source, 'it is a TorchScript archive, which holds code');
  }
  return folder;
}

/** Four pickles (magic number, protocol, system, the value), a pickle of the storage keys, then each storage. */
function readLegacyFormat(bytes: Uint8Array, source: string): PickleValue {
  const collector = new TensorCollector(source);
  let position = 0;
  const next = (): PickleValue => {
    const { globals, persistent } = collector;
    const { value, end } = readPickle(bytes, position, { source, globals, persistent });
    position = end;
    return value;
  };

  if (bytes[0] !== PICKLE_START || next() !== LEGACY_MAGIC) {
    throw invalid(source, 'it starts neither as a zip archive nor with the number of a PyTorch file');
  }
  const protocol = next();
  if (protocol !== LEGACY_PROTOCOL) throw invalid(source, `expected protocol ${LEGACY_PROTOCOL}, found another`);
  const system = next();
  if (system instanceof Map && system.get('little_endian') === false) throw bigEndian(source);
  const root = next();
  const keys = next();
  if (!Array.isArray(keys)) throw invalid(source, 'the list of its storages is missing');
  const storages = readStorages(bytes, position, keys, collector, source);
  collector.fill((key) => storages.get(key), bytes.length);
  return root;
}

/** Each storage is its number of elements (int64) and its bytes, in the order of the keys. */
function readStorages(
  bytes: Uint8Array,
  start: number,
  keys: readonly PickleValue[],
  collector: TensorCollector,
  source: string,
): Map<string, Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const storages = new Map<string, Uint8Array>();
  let position = start;
  for (const key of keys) {
    const dtype = typeof key === 'string' ? collector.dtypes.get(key) : undefined;
    if (typeof key !== 'string' || dtype === undefined) throw invalid(source, 'it lists a storage that no tensor uses');
    if (position + 8 > bytes.length) throw invalid(source, `the file ends before storage ${quote(key)}`);
    const length = view.getBigInt64(position, true) * BigInt(BYTES_OF[dtype]);
    position += 8;
    if (length < 0n || length > BigInt(bytes.length - position)) {
      throw invalid(source, `storage ${quote(key)} claims ${length} bytes, but ${bytes.length - position} follow`);
    }
    storages.set(key, bytes.subarray(position, position + Number(length)));
    position += Number(length);
  }
  return storages;
}

function bigEndian(source: string): InputError {
  return new InputError(
    'weights',
    `${source}: expected little-endian data, found big-endian`,
    'Load the file in PyTorch on an x86 or ARM machine and save it there.',
  );
}

function invalid(source: string, what: string): InputError {
  return new InputError(
    'weights',
    `${source}: not a PyTorch checkpoint that can be read: ${what}`,
    "Save the weights again with torch.save(model.state_dict(), path), or give a '.safetensors' file.",
  );
}
