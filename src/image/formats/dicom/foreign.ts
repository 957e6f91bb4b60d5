/** Decoders that are not written here: each place brings its own. */

export type CodecName = 'charls' | 'openjpeg' | 'openjph';

/** What a codec made of a stream. */
export interface Decoded {
  /** Little endian, one or two bytes for each sample. */
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly precision: number;
  /** The samples are two's complement. */
  readonly signed: boolean;
  /** Colour by plane. */
  readonly planar: boolean;
}

export interface ForeignDecoders {
  /**
   * 8-bit JPEG to gray or RGB, a byte a sample, `[H, W, C]`.
   * @throws Error where the stream is damaged
   */
  baseline(stream: Uint8Array, samples: number): Promise<Uint8Array>;
  /**
   * JPEG-LS, JPEG 2000 and HTJ2K. @throws Error where the codec refuses the stream, InputError where there is no codec
   */
  codec(name: CodecName, stream: Uint8Array): Promise<Decoded>;
}
