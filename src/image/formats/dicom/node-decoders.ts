/** The decoders of Node: libjpeg of sharp, and the codecs in WebAssembly. */
import { createRequire } from 'node:module';
import { type CodecFactory, wasmCodecs } from './codecs.js';
import type { ForeignDecoders } from './foreign.js';

const MODULES = {
  charls: '@cornerstonejs/codec-charls/decodewasmjs',
  openjpeg: '@cornerstonejs/codec-openjpeg/decodewasmjs',
  openjph: '@cornerstonejs/codec-openjph/wasmjs',
} as const;

export const nodeDecoders: ForeignDecoders = {
  async baseline(stream, samples) {
    const { default: sharp } = await import('sharp');
    const { data, info } = await sharp(stream, { failOn: 'warning', limitInputPixels: false, ignoreIcc: true })
      .toColourspace(samples === 1 ? 'b-w' : 'srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== samples) throw new Error(`${info.channels} channels`);
    return data;
  },
  codec: wasmCodecs(
    async (name) => {
      const create = createRequire(import.meta.url)(MODULES[name]) as CodecFactory;
      return create({ print: () => {}, printErr: () => {} });
    },
    (name) => MODULES[name],
  ),
};
