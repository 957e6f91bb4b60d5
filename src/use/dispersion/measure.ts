/** All measures of one network on drawn pixels of labelled cases. */

import { meanDefined } from '../../core/statistics.js';
import type { Tensor } from '../../core/tensor.js';
import {
  type ClassDistances,
  channelsFirst,
  classDistances,
  effectiveRank,
  embedLevels,
  type FeatureSamples,
  featureCovariance,
  featuresAt,
  type LabelledPlace,
  type Level,
  levels,
  linearProbe,
  type Network,
  neighbourAgreement,
  type ProbeScore,
  pairwiseDistances,
  silhouette,
  singularSpectrum,
  spatialCorrelation,
  tsne,
  unitLength,
  vectorProducts,
} from '../index.js';

/** Neighbours that are asked for their class. */
export const NEIGHBOURS = 10;
/** Distances of pixels, on the grid of the features. */
const DISTANCES = [1, 2, 4, 8, 16, 32, 64];
/** Cases whose whole feature maps are correlated, and those that are drawn. */
const CORRELATED = 8;
export const PICTURES = 3;

export interface Dispersion {
  readonly name: string;
  /** The file of the weights and its steps of training. */
  readonly source: string;
  readonly step: number;
  readonly channels: number;
  readonly cosine: ClassDistances;
  readonly euclidean: ClassDistances;
  /** Of the features at unit length; 1 … channels, 0 where nothing varies. */
  readonly effectiveRank: number;
  /** Singular values as shares of their sum, largest first. */
  readonly singularSpectrum: readonly number[];
  /** The share of the nearest neighbours, in other images, that have the same class; by cosine distance. */
  readonly neighbourAgreement: number | null;
  /** By cosine distance. */
  readonly silhouette: number | null;
  /** Correlation of the features of pixels at a distance, in pixels of the features' grid; means over cases. */
  readonly correlation: readonly { readonly distance: number; readonly value: number }[];
  /** How well a linear map names classes of cases that it has not seen, whatever `level` was chosen for the rest. */
  readonly probe: Probes;
  /** What the picture of the t-SNE does not show. */
  readonly tsneDivergence: number;
}

/** Linear probes; null where there are fewer than two cases. */
export interface Probes {
  /** Of all levels together, upsampled and side by side. */
  readonly all: ProbeScore | null;
  /** Of each level alone, deepest first. */
  readonly levels: readonly { readonly level: Level; readonly channels: number; readonly score: ProbeScore | null }[];
}

export interface MeasuredNetwork {
  readonly dispersion: Dispersion;
  /** The t-SNE of the samples, `[n, 2]`. */
  readonly points: Float64Array;
  /** Features of the first cases, `[C, ...S]`. */
  readonly maps: readonly Tensor[];
}

export interface MeasureOptions {
  readonly level: Level;
  /** Draws the cases that a probe learns from. */
  readonly seed: number;
  readonly onCase?: (done: number) => void;
  readonly onStage?: (stage: string) => void;
}

/**
 * @param images read one after the other, each as the network takes it
 * @param places as `drawPlaces` gives them, by the index of the image
 */
export async function measureDispersion(
  name: string,
  network: Network,
  images: AsyncIterable<Tensor>,
  places: readonly LabelledPlace[],
  { level, seed, onCase, onStage }: MeasureOptions,
): Promise<MeasuredNetwork> {
  const chosen = levels.indexOf(level);
  const rows: Float32Array[][] = levels.map(() => []);
  const maps: Tensor[] = [];
  const correlations: (number | null)[][] = [];
  let index = 0;
  for await (const image of images) {
    const found = await embedLevels(network, image, levels, { grid: 'network' });
    const own = places.filter(({ image }) => image === index).map(({ place }) => place);
    for (const [at, one] of found.entries()) rows[at]!.push(featuresAt(one, own));
    const map = found[chosen]!;
    if (index < CORRELATED) correlations.push(spatialCorrelation(map, DISTANCES));
    if (index < PICTURES) maps.push(map);
    onCase?.(++index);
  }
  const features = rows.map((own) => {
    const vectors = Float32Array.from(own.flatMap((row) => [...row]));
    return { vectors, channels: vectors.length / places.length };
  });
  const { vectors, channels } = features[chosen]!;
  const samples: FeatureSamples = {
    vectors,
    channels,
    labels: Uint8Array.from(places, ({ label }) => label),
    images: Uint16Array.from(places, ({ image }) => image),
  };
  onStage?.('distances between all pairs');
  const [cosine, euclidean] = [pairwiseDistances(samples, 'cosine'), pairwiseDistances(samples, 'euclidean')];
  const { covariance } = featureCovariance(channelsFirst({ vectors: unitLength(samples), channels }));
  onStage?.('linear probes');
  const probe = probesOf(features, samples, seed);
  onStage?.('t-SNE');
  const { points, divergence } = tsne(samples);
  const dispersion: Dispersion = {
    name,
    source: network.model.source,
    step: network.model.step,
    channels,
    cosine: classDistances(cosine, samples.labels),
    euclidean: classDistances(euclidean, samples.labels),
    effectiveRank: effectiveRank(covariance),
    singularSpectrum: singularSpectrum(samples),
    neighbourAgreement: neighbourAgreement(cosine, samples.labels, samples.images, NEIGHBOURS),
    silhouette: silhouette(cosine, samples.labels),
    correlation: DISTANCES.flatMap((distance, at) => {
      const value = meanDefined(correlations.map((row) => row[at]!));
      return value === null ? [] : [{ distance, value }];
    }),
    probe,
    tsneDivergence: divergence,
  };
  return { dispersion, points, maps };
}

/** @param features the vectors at every level, `[n, C]` */
function probesOf(
  features: readonly Pick<FeatureSamples, 'vectors' | 'channels'>[],
  samples: FeatureSamples,
  seed: number,
): Probes {
  const products = features.map(({ vectors, channels }) => vectorProducts(vectors, channels));
  return {
    all: linearProbe(products, samples, seed),
    levels: features.map(({ channels }, at) => ({
      level: levels[at]!,
      channels,
      score: linearProbe([products[at]!], samples, seed),
    })),
  };
}
