/** How images and volumes come to a network, as configurations name it. */

/**
 * `resize`: to the extents, whatever the proportions; `keep`: as it is, padded where smaller, a window where larger.
 */
export const fits = ['resize', 'keep'] as const;
export type Fit = (typeof fits)[number];

/** `auto` goes by the modality: the wide window for CT in Hounsfield units, percentiles for all else. */
export const intensityNames = ['auto', 'percentiles', 'wide', 'lung', 'softTissue', 'bone', 'brain'] as const;

export type Intensity =
  | (typeof intensityNames)[number]
  /** Real values; Hounsfield units for CT. */
  | { readonly window: readonly [number, number] }
  /** Percent of the values above the lowest. */
  | { readonly percentiles: readonly [number, number] };

/** What a folder holds. */
export const dataKinds = ['images', 'volumes'] as const;
export type DataKind = (typeof dataKinds)[number];
