/** Which values of a volume become 0 and 1, as the setting `data.intensity` names it. */
import { CT_WINDOWS, defaultRule, type IntensityRule, MRI_PERCENTILES, type Volume } from '../image/index.js';
import type { Intensity } from './options.js';

export { type Intensity, intensityNames } from './options.js';

/** The rule for one volume. */
export function intensityRule(intensity: Intensity, volume: Pick<Volume, 'modality'>): IntensityRule {
  if (typeof intensity === 'object') {
    if ('window' in intensity) return { kind: 'window', lower: intensity.window[0], upper: intensity.window[1] };
    return { kind: 'percentiles', lower: intensity.percentiles[0], upper: intensity.percentiles[1] };
  }
  if (intensity === 'auto') return defaultRule(volume);
  return intensity === 'percentiles' ? MRI_PERCENTILES : CT_WINDOWS[intensity];
}
