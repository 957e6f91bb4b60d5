/** What was read of a file of a dataset. */
import { type Image, imageWarnings, type Volume } from '../image/index.js';
import type { OnWarnings } from './warnings.js';

/** What a file holds: an image with its stored values, or a volume turned to RAS. */
export type Decoded =
  | { readonly kind: 'images'; readonly image: Image }
  | {
      readonly kind: 'volumes';
      readonly volume: Volume /** As the file has it, such as LPS. */;
      readonly stored: Volume;
    };

/** Tells what the reader of a file had to assume. */
export function tellWarnings(file: string, decoded: Image | Volume, onWarnings: OnWarnings | undefined): void {
  const warnings = 'affine' in decoded ? decoded.warnings : imageWarnings(decoded);
  if (warnings.length > 0) onWarnings?.(file, warnings);
}
