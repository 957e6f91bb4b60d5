/** What a pretrained network's features are like, and what they are good for. */
export { effectiveRank, featureDeviation, featureSpread } from '../features/dispersion.js';
export { foldedShare, jacobianDeterminants } from '../features/jacobian.js';
export { featureCovariance, type PrincipalComponents, principalComponents } from '../features/pca.js';
export { type ImageSimilarity, imageSimilarity } from '../features/similarity.js';
export {
  type ClassDistances,
  channelsFirst,
  classDistances,
  type DistanceName,
  distanceNames,
  drawPlaces,
  type FeatureSamples,
  featuresAt,
  type LabelledPlace,
  linearProbe,
  neighbourAgreement,
  type ProbeScore,
  pairwiseDistances,
  silhouette,
  singularSpectrum,
  spatialCorrelation,
  type Tsne,
  type TsneOptions,
  tsne,
  unitLength,
  vectorProducts,
} from '../features/spread/index.js';
export {
  backboneFeatures,
  type EmbedOptions,
  embed,
  embedLevels,
  type Grid,
  grids,
  type Level,
  levels,
} from './embed.js';
export { type BitDepth, bitDepths, type ExportOptions, onnxBytes } from './export/backbone.js';
export { type FieldMeasures, fieldMeasures, type PairField, predictField, requireField } from './field.js';
export {
  type Correspondence,
  checkPoint,
  type MatchOptions,
  matchPoints,
  type Point,
  pointAt,
  positionOf,
} from './match.js';
export { createNetwork, type Network, type NetworkBuilder, type NetworkHost, type Weights } from './network.js';
export {
  between,
  type RegisterOptions,
  type Registration,
  type RegistrationMeasures,
  register,
  registration,
} from './register.js';
export { fieldOnStored } from './register-volumes.js';
export { type SizeOptions, trainedShape, workingImage, workingShape } from './working-size.js';
