/**
 * Segmentation metrics of one case: Dice, IoU, HD95, ASSD and NSD for each class. The formulas, their sources and what
 * holds for empty masks are in docs/metrics.md.
 */
import { InputError } from '../core/errors.js';
import { checkSameGrid, diagonalOf, type LabelMap } from './label-map.js';
import { masksOf, type Region, regionOf } from './region.js';
import { averageSurfaceDistance, hausdorff95, normalisedSurfaceDistance, surfaceDistances } from './surface.js';

/** The metrics, in the order of every table. */
export const segmentationMetrics = ['dice', 'iou', 'hd95', 'assd', 'nsd'] as const;
export type SegmentationMetric = (typeof segmentationMetrics)[number];

/** Which of the two maps have voxels of the class. */
export const presences = ['both', 'reference only', 'prediction only', 'neither'] as const;
export type Presence = (typeof presences)[number];

export interface SegmentationClass {
  readonly label: number;
  readonly name: string;
  /** The tolerance of the NSD in mm, at least 0; 2 by default. */
  readonly tolerance?: number;
}

export interface SegmentationOptions {
  /** The classes to score, without the background. */
  readonly classes: readonly SegmentationClass[];
  /** Voxels with this label in the reference belong to neither mask. */
  readonly ignore?: number;
}

/** One row of the results: one class of one case. A metric is `null` where the class is in neither map. */
export interface CaseScore extends Readonly<Record<SegmentationMetric, number | null>> {
  readonly case: string;
  readonly class: string;
  readonly label: number;
  readonly presence: Presence;
  readonly predictedVoxels: number;
  readonly referenceVoxels: number;
  /** The tolerance of the NSD. */
  readonly tolerance: number;
}

/** In mm, for a class that names none. */
const DEFAULT_TOLERANCE = 2;

/**
 * Scores the classes of one case. HD95, ASSD and the tolerance are in the unit of the spacing, mm.
 * @param id the name of the case
 * @param prediction labels `[H, W]` or `[D, H, W]`
 * @param reference labels on the same grid
 * @throws InputError ('shape') where the grids differ, ('config') where the classes cannot be scored.
 * @example
 * const grid = { shape: [2, 3], spacing: [1, 1] };
 * const prediction = { ...grid, data: Uint8Array.of(1, 1, 0, 0, 0, 0) };
 * const reference = { ...grid, data: Uint8Array.of(1, 0, 0, 0, 0, 0) };
 * scoreSegmentation('a', prediction, reference, { classes: [{ label: 1, name: 'lung' }] })[0].dice; // 2 / 3
 */
export function scoreSegmentation(
  id: string,
  prediction: LabelMap,
  reference: LabelMap,
  { classes, ignore }: SegmentationOptions,
): CaseScore[] {
  checkSameGrid(id, prediction, reference);
  checkClasses(classes, ignore);
  return classes.map(({ label, name, tolerance = DEFAULT_TOLERANCE }) => {
    const region = regionOf(prediction, reference, label, ignore);
    return {
      case: id,
      class: name,
      label,
      presence: presenceOf(region),
      predictedVoxels: region.predicted,
      referenceVoxels: region.reference,
      tolerance,
      ...overlap(region),
      ...distances(prediction, reference, region, label, tolerance, ignore),
    };
  });
}

function overlap({ predicted, reference, shared }: Region): Pick<CaseScore, 'dice' | 'iou'> {
  const total = predicted + reference;
  if (total === 0) return { dice: null, iou: null };
  return { dice: (2 * shared) / total, iou: shared / (total - shared) };
}

function distances(
  prediction: LabelMap,
  reference: LabelMap,
  region: Region,
  label: number,
  tolerance: number,
  ignore?: number,
): Pick<CaseScore, 'hd95' | 'assd' | 'nsd'> {
  if (region.predicted + region.reference === 0) return { hd95: null, assd: null, nsd: null };
  if (region.predicted === 0 || region.reference === 0) {
    const worst = diagonalOf(reference);
    return { hd95: worst, assd: worst, nsd: 0 };
  }
  const [predicted, wanted] = masksOf(prediction, reference, region, label, ignore);
  const found = surfaceDistances(predicted, wanted, region.shape, reference.spacing);
  return {
    hd95: hausdorff95(found),
    assd: averageSurfaceDistance(found),
    nsd: normalisedSurfaceDistance(found, tolerance),
  };
}

function presenceOf({ predicted, reference }: Region): Presence {
  if (predicted > 0) return reference > 0 ? 'both' : 'prediction only';
  return reference > 0 ? 'reference only' : 'neither';
}

function checkClasses(classes: readonly SegmentationClass[], ignore?: number): void {
  if (classes.length === 0) {
    throw new InputError('config', 'classes: expected at least one class, found none', 'Name the labels to score.');
  }
  for (const key of ['label', 'name'] as const) {
    const values = classes.map((entry) => entry[key]);
    const twice = values.find((value, index) => values.indexOf(value) !== index);
    if (twice !== undefined) {
      throw new InputError('config', `classes: the ${key} ${twice} is there twice`, `Give every class its own ${key}.`);
    }
  }
  for (const { label, name, tolerance = DEFAULT_TOLERANCE } of classes) {
    if (label === ignore) {
      throw new InputError(
        'config',
        `class ${name}: its label ${label} is the one to ignore`,
        'Score it or ignore it, not both.',
      );
    }
    if (!(tolerance >= 0 && Number.isFinite(tolerance))) {
      throw new InputError(
        'config',
        `class ${name}: expected a tolerance of 0 mm or more, found ${tolerance}`,
        'Use about the distance by which two experts differ.',
      );
    }
  }
}
