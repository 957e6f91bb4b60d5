/**
 * How features of pixels are dispersed, within and between the classes of a labelled set: the argument of the paper in
 * numbers.
 */
export {
  type ClassDistances,
  classDistances,
  type DistanceName,
  distanceNames,
  pairwiseDistances,
} from './distances.js';
export { neighbourAgreement, silhouette } from './neighbours.js';
export { linearProbe, type ProbeSamples, type ProbeScore, vectorProducts } from './probe.js';
export {
  channelsFirst,
  drawPlaces,
  type FeatureSamples,
  featuresAt,
  type LabelledPlace,
  unitLength,
} from './samples.js';
export { spatialCorrelation } from './spatial-correlation.js';
export { singularSpectrum } from './spectrum.js';
export { type Tsne, type TsneOptions, tsne } from './tsne.js';
