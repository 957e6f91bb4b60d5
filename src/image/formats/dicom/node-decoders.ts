/** The decoders of Node: libjpeg of sharp, and the codecs in WebAssembly. */
import sharp from 'sharp';
import { runCodec } from './codecs.js';
import type { ForeignDecoders } from './foreign.js';

export const nodeDecoders: ForeignDecoders = {
  async baseline(stream, samples) {
    const { data, info } = await sharp(stream, { failOn: 'warning', limitInputPixels: false, ignoreIcc: true })
      .toColourspace(samples === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== samples) throw new Error(`${info.channels} channels`);
    return data;
  },
  codec: runCodec,
};
