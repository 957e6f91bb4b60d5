/** What was read of a file of a dataset. */
import type { Image, Volume } from '../image/index.js';

/** What a file holds: an image with its stored values, or a volume turned to RAS. */
export type Decoded =
  | { readonly kind: 'images'; readonly image: Image }
  | {
      readonly kind: 'volumes';
      readonly volume: Volume /** As the file has it, such as LPS. */;
      readonly stored: Volume;
    };
