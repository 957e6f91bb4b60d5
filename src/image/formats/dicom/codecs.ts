/**
 * The WebAssembly codecs: CharLS (JPEG-LS), OpenJPEG (JPEG 2000) and OpenJPH (HTJ2K). Each runs in an instance of its
 * own, made when it is first needed; an instance that failed or grew large is thrown away, because its memory may be
 * damaged and never shrinks. The codecs only see streams whose stated extent was compared with the DICOM header.
 */
import { InputError } from '../../../core/errors.js';
import type { CodecName, Decoded, ForeignDecoders } from './foreign.js';

/** A codec's own words for why it failed. */
export class CodecError extends Error {}

interface FrameInfo {
  readonly width: number;
  readonly height: number;
  readonly componentCount: number;
  readonly bitsPerSample: number;
  readonly isSigned?: boolean;
}

interface Decoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  getFrameInfo(): FrameInfo;
  getInterleaveMode?(): number;
  getLastErrorMessage?(): string;
  delete(): void;
}

/** What the JavaScript around a codec makes of its WebAssembly. */
export interface CodecInstance {
  readonly HEAPU8: Uint8Array;
  getExceptionMessage?(pointer: number): unknown;
  readonly [decoder: string]: unknown;
}

/** The default export of a codec's package. */
export type CodecFactory = (options: object) => Promise<CodecInstance>;

/** The names of the decoders in their instances. */
const DECODERS = { charls: 'JpegLSDecoder', openjpeg: 'J2KDecoder', openjph: 'HTJ2KDecoder' } as const;

/** An instance with more memory than this is not kept, in bytes. */
const KEPT_MEMORY = 2 ** 28;

/**
 * The codecs of a place.
 * @param create a new instance that prints nothing
 * @param fileOf where a codec lies, for messages
 * @returns decodes one stream. @throws CodecError when the codec refuses it or gives up, InputError ('engine') when it
 * cannot be loaded, which the next call tries again
 */
export function wasmCodecs(
  create: (name: CodecName) => Promise<CodecInstance>,
  fileOf: (name: CodecName) => string,
): ForeignDecoders['codec'] {
  const instances = new Map<CodecName, Promise<CodecInstance>>();
  const made = async (name: CodecName) => {
    try {
      return await create(name);
    } catch (cause) {
      throw new InputError(
        'engine',
        `${fileOf(name)}: expected a codec of DICOM, found that it cannot be loaded (${words(cause)})`,
        'No image is at fault: put this file in its place, see that it can be read, and try again.',
        { cause },
      );
    }
  };
  const instanceOf = (name: CodecName) => {
    const instance = instances.get(name) ?? made(name);
    instances.set(name, instance);
    instance.catch(() => instances.delete(name));
    return instance;
  };
  return async (name, coded) => {
    const instance = await instanceOf(name);
    try {
      const decoded = decode(instance, DECODERS[name], coded);
      if (instance.HEAPU8.length > KEPT_MEMORY) instances.delete(name);
      return decoded;
    } catch (cause) {
      instances.delete(name);
      throw new CodecError(words(cause, instance), { cause });
    }
  };
}

function decode(instance: CodecInstance, name: string, coded: Uint8Array): Decoded {
  const decoder = new (instance[name] as new () => Decoder)();
  decoder.getEncodedBuffer(coded.length).set(coded);
  decoder.decode();
  const message = decoder.getLastErrorMessage?.();
  if (message) throw new CodecError(message);
  const { width, height, componentCount: components, bitsPerSample: precision, ...info } = decoder.getFrameInfo();
  const planar = components > 1 && decoder.getInterleaveMode?.() === 0;
  const bytes = decoder.getDecodedBuffer().slice();
  decoder.delete();
  if (bytes.length === 0) throw new CodecError('no picture in the stream');
  return { bytes, width, height, components, precision, signed: info.isSigned === true, planar };
}

/** C++ exceptions arrive as numbers: the address of an object that the instance can name. */
function words(cause: unknown, instance?: CodecInstance): string {
  let text = cause instanceof Error ? cause.message : String(cause);
  if (typeof cause === 'number') {
    try {
      text = String(instance?.getExceptionMessage?.(cause) ?? 'the codec gave up');
    } catch {
      text = 'the codec gave up';
    }
  }
  return text.split('\n')[0]!.slice(0, 160);
}
