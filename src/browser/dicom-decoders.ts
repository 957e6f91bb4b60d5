/** What a page has for the parts of DICOM that others decode: the browser's own JPEG. */
import { InputError } from '../core/errors.js';
import type { ForeignDecoders } from '../image/formats/dicom/foreign.js';
import { decodedPixels } from './decoded-pixels.js';

export const pageDecoders: ForeignDecoders = {
  async baseline(stream, samples) {
    const { data } = await decodedPixels(stream, 'image/jpeg');
    return Uint8Array.from({ length: (data.length / 4) * samples }, (_, index) =>
      samples === 1 ? data[4 * index]! : data[4 * Math.floor(index / 3) + (index % 3)]!,
    );
  },
  async codec() {
    throw new InputError(
      'image',
      'expected a DICOM file without compression, or with RLE or JPEG, found JPEG-LS or JPEG 2000, which a page does not read yet',
      'Read it under Node, or save it without compression.',
    );
  },
};
