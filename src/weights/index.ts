/** Weights in bytes: safetensors, PyTorch checkpoints, NumPy arrays, and moving weights from one network to another. */
export { CHECKSUM, checksumOf, sha256 } from './checksum.js';
export { readNpy, writeNpy } from './npy.js';
export {
  readSafetensors,
  type SafetensorsFile,
  safetensorsParts,
  writeSafetensors,
} from './safetensors.js';
export { type StoredDType, type StoredTensor, toFloat32 } from './stored.js';
export {
  formatTransferReport,
  nothingMatches,
  type ShapeMismatch,
  type TransferReport,
  type TransferResult,
  transfer,
} from './transfer.js';
export type { WeightFile } from './weight-file.js';
