/** What a pretrained network's features are like, and what they are good for. */
export { effectiveRank, featureDeviation, featureSpread } from './dispersion.js';
export {
  backboneFeatures,
  type EmbedOptions,
  embed,
  type Grid,
  grids,
  type Level,
  levels,
  readInput,
} from './embed.js';
export {
  type BitDepth,
  bitDepths,
  type ExportOptions,
  type ExportResult,
  exportOnnx,
  onnxBytes,
  runOnnx,
  testImage,
} from './export-onnx.js';
export { type PairField, predictField } from './field.js';
export { type Correspondence, type MatchOptions, matchPoints, type Point } from './match.js';
export { type Network, type NetworkBuilder, type NetworkOptions, openNetwork, type Weights } from './network.js';
export { featureCovariance, type PrincipalComponents, principalComponents } from './pca.js';
export { onFileGrid, readVolumeInput, type VolumeInput, type VolumeSettings } from './volume-input.js';
export { type SizeOptions, trainedShape, workingShape } from './working-size.js';
