/**
 * Real values to [0, 1], the range that the network sees. CT has absolute units, so a window in Hounsfield units is cut
 * out; MRI has none, so the range between two percentiles of the foreground is. What is no image, a constant or a mask,
 * is recognised and told.
 */
import { InputError } from '../core/errors.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { percentile } from './percentile.js';
import type { Volume } from './volume.js';

/** Which real values become 0 and 1. What lies outside is clipped. */
export type IntensityRule =
  /** Real values; Hounsfield units for CT. */
  | { readonly kind: 'window'; readonly lower: number; readonly upper: number }
  /** Percent of the foreground: of the values above the lowest, which is the air or the padding around the patient. */
  | { readonly kind: 'percentiles'; readonly lower: number; readonly upper: number };

/** Usual windows of CT, in Hounsfield units. */
export const CT_WINDOWS = {
  wide: { kind: 'window', lower: -1000, upper: 1000 },
  lung: { kind: 'window', lower: -1350, upper: 150 },
  softTissue: { kind: 'window', lower: -160, upper: 240 },
  bone: { kind: 'window', lower: -500, upper: 1300 },
  brain: { kind: 'window', lower: 0, upper: 80 },
} as const satisfies Record<string, IntensityRule>;

export const MRI_PERCENTILES = { kind: 'percentiles', lower: 0.5, upper: 99.5 } as const satisfies IntensityRule;

/** What the values are like. `labels` are few different whole numbers. */
export type Content = 'image' | 'labels' | 'constant' | 'empty';

/** As many different whole numbers, at most, are taken for labels. */
const MOST_LABELS = 32;

export interface UnitVolume {
  /** [1, z, y, x] in [0, 1]; 0 where a value is not finite, and where all are equal. */
  readonly data: Tensor;
  /** The real values that became 0 and 1. */
  readonly lower: number;
  readonly upper: number;
  readonly content: Content;
  /** What a user should know of the values, a sentence each. */
  readonly warnings: readonly string[];
}

/** The wide window for CT, percentiles for everything else. */
export function defaultRule({ modality }: Pick<Volume, 'modality'>): IntensityRule {
  return modality === 'CT' ? CT_WINDOWS.wide : MRI_PERCENTILES;
}

/**
 * Whether a volume is an image at all: `empty` has no finite value, `constant` one, `labels` at most 32 whole numbers.
 */
export function contentOf({ data, slope, intercept }: Pick<Volume, 'data' | 'slope' | 'intercept'>): Content {
  const seen = new Set<number>();
  let whole = true;
  for (let index = 0; index < data.length; index++) {
    const value = data[index]! * slope + intercept;
    if (!Number.isFinite(value) || seen.has(value)) continue;
    seen.add(value);
    whole &&= Number.isInteger(value);
    if (seen.size > MOST_LABELS || (!whole && seen.size > 1)) return 'image';
  }
  return seen.size === 0 ? 'empty' : seen.size === 1 ? 'constant' : 'labels';
}

/**
 * The real values of a volume, mapped to [0, 1].
 * @throws InputError ('config') when the rule's lower end is not below its upper end, or a percentile is not from 0 to
 * 100
 * @example toUnitVolume(ct, CT_WINDOWS.lung).data; // [1, z, y, x]
 */
export function toUnitVolume(volume: Volume, rule: IntensityRule = defaultRule(volume)): UnitVolume {
  checkRule(rule);
  const content = contentOf(volume);
  const { lower, upper } = rule.kind === 'window' ? rule : percentileRange(volume, rule);
  const { data, slope, intercept, shape } = volume;
  const unit = new Float32Array(data.length);
  const scale = upper > lower ? 1 / (upper - lower) : 0;
  let [notFinite, inside] = [0, 0];
  for (let index = 0; index < data.length; index++) {
    const value = data[index]! * slope + intercept;
    if (!Number.isFinite(value)) {
      notFinite++;
      continue;
    }
    if (value >= lower && value <= upper) inside++;
    unit[index] = Math.min(Math.max((value - lower) * scale, 0), 1);
  }
  const warnings: string[] = [];
  if (content === 'empty') warnings.push('no value is finite');
  if (content === 'constant') warnings.push('all values are equal');
  if (content === 'labels')
    warnings.push(`the values are at most ${MOST_LABELS} whole numbers: this may be a mask, not an image`);
  if (notFinite > 0) warnings.push(`${notFinite} values that are not finite become 0`);
  if (rule.kind === 'window' && inside === 0 && content !== 'empty') {
    warnings.push(`no value lies in the window from ${lower} to ${upper}`);
  }
  return { data: tensor([1, ...shape], unit), lower, upper, content, warnings };
}

function checkRule({ kind, lower, upper }: IntensityRule): void {
  const bounded = kind === 'window' || (lower >= 0 && upper <= 100);
  if (bounded && lower < upper && Number.isFinite(lower) && Number.isFinite(upper)) return;
  throw new InputError(
    'config',
    kind === 'window'
      ? `expected a window whose lower end is below its upper end, found ${lower} to ${upper}`
      : `expected percentiles from 0 to 100, the lower below the upper, found ${lower} and ${upper}`,
    kind === 'window'
      ? 'A CT window is given in Hounsfield units, such as −1000 to 1000.'
      : 'The default is 0.5 and 99.5.',
  );
}

/** The percentiles of the values above the lowest; where these are all equal, the lowest and the highest value. */
function percentileRange(volume: Volume, { lower, upper }: { lower: number; upper: number }) {
  const { data, slope, intercept } = volume;
  const each = (above: number) => (use: (value: number) => void) => {
    for (let index = 0; index < data.length; index++) {
      const value = data[index]! * slope + intercept;
      if (value > above && value < Infinity) use(value);
    }
  };
  let [least, most] = [Infinity, -Infinity];
  each(-Infinity)((value) => {
    if (value < least) least = value;
    if (value > most) most = value;
  });
  if (least === Infinity) return { lower: 0, upper: 0 };
  const foreground = each(least);
  const range = { lower: percentile(foreground, lower), upper: percentile(foreground, upper) };
  return range.lower < range.upper ? range : { lower: least, upper: most };
}
