/**
 * The appearance of views that are to be restored: the image as it is, since what is restored must not be changed
 * before.
 */
import type { AppearanceOptions } from '../views/index.js';

export const UNCHANGED: AppearanceOptions = {
  noise: [0, 0],
  blur: [0, 0],
  contrast: [1, 1],
  brightness: 0,
  inpaint: { blocks: 0, probability: 0 },
};
