/** Unpacking deflated bytes with what browsers and Node have in common, up to a bound that is known beforehand. */
import { joined } from '../core/bytes.js';

/** gzip (RFC 1952), zlib (RFC 1950) or bare deflate (RFC 1951). */
export type DeflateFormat = 'gzip' | 'deflate' | 'deflate-raw';

/** The bytes are no such code, or end within it. */
export class InflateError extends Error {
  constructor(
    message: string,
    /** Whether more bytes came than the bound allows. */
    readonly tooLong: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * @param most bytes that may come out
 * @throws InflateError where the code is damaged, cut short or longer
 * @example await inflate(packed, 'gzip', 2 ** 20)
 */
export async function inflate(packed: Uint8Array, format: DeflateFormat, most: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of inflated(packed, format)) {
    total += piece.length;
    if (total > most) throw new InflateError(`more than ${most} bytes`, true);
    pieces.push(piece);
  }
  return joined(pieces);
}

/** The unpacked bytes, piece by piece. @throws InflateError where the code is damaged or cut short */
export async function* inflated(packed: Uint8Array, format: DeflateFormat): AsyncGenerator<Uint8Array> {
  const reader = new Blob([packed as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream(format))
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    // Of the streams of Node since 22 the unpacker's own error is the cause.
    const { message, cause: own } = cause as Error & { readonly cause?: Error };
    throw new InflateError(message || own?.message || 'no reason is told', false, { cause });
  } finally {
    // A reader that leaves early ends the stream; what is said of that is of no interest.
    reader.cancel().catch(() => {});
  }
}
