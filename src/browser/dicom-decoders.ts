/**
 * What a page has for the parts of DICOM that others decode: the browser's own JPEG, and the codecs in WebAssembly that
 * Node has, too, each loaded when it is first needed.
 */
/// <reference path="./codecs.d.ts" />
import { type CodecFactory, wasmCodecs } from '../image/formats/dicom/codecs.js';
import type { CodecName, ForeignDecoders } from '../image/formats/dicom/foreign.js';
import { decodedPixels } from './decoded-pixels.js';

/** A module of CommonJS, as bundlers give it. */
type Loaded = Promise<{ readonly default: CodecFactory }>;

interface Codec {
  load(): Loaded;
  /** The address of its WebAssembly; bundlers look for it written like this. */
  wasm(): URL;
}

const CODECS: Readonly<Record<CodecName, Codec>> = {
  charls: {
    load: () => import('@cornerstonejs/codec-charls/decodewasmjs') as Loaded,
    wasm: () => new URL('@cornerstonejs/codec-charls/decodewasm', import.meta.url),
  },
  openjpeg: {
    load: () => import('@cornerstonejs/codec-openjpeg/decodewasmjs') as Loaded,
    wasm: () => new URL('@cornerstonejs/codec-openjpeg/decodewasm', import.meta.url),
  },
  openjph: {
    load: () => import('@cornerstonejs/codec-openjph/wasmjs') as Loaded,
    wasm: () => new URL('@cornerstonejs/codec-openjph/wasm', import.meta.url),
  },
};

export const pageDecoders: ForeignDecoders = {
  async baseline(stream, samples) {
    const { data } = await decodedPixels(stream, 'image/jpeg');
    return Uint8Array.from({ length: (data.length / 4) * samples }, (_, index) =>
      samples === 1 ? data[4 * index]! : data[4 * Math.floor(index / 3) + (index % 3)]!,
    );
  },
  codec: wasmCodecs(
    async (name) => {
      const { load, wasm } = CODECS[name];
      const { default: create } = await load();
      return create({ print: () => {}, printErr: () => {}, locateFile: () => wasm().href });
    },
    (name) => CODECS[name].wasm().href,
  ),
};
