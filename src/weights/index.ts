/** Files of weights: safetensors, PyTorch checkpoints, NumPy arrays, and moving weights from one network to another. */
export { loadWeights, WEIGHT_EXTENSIONS } from './load.js';
export { readNpy, writeNpy } from './npy.js';
export { isTensor, loadPth, type PickleDict, type PickleValue, type PthFile, readPth, stateDictOf } from './pth.js';
export {
  loadSafetensors,
  readSafetensors,
  type SafetensorsFile,
  safetensorsParts,
  writeSafetensors,
} from './safetensors.js';
export { type StoredDType, type StoredTensor, toFloat32 } from './stored.js';
export {
  formatTransferReport,
  type ShapeMismatch,
  type TransferReport,
  type TransferResult,
  transfer,
} from './transfer.js';
