/**
 * Reads the little-endian fields of a pickle in turn. Nothing is read past the end: a length is checked before it is
 * used.
 */

/** The longest integer that is read, in bytes. */
const LONGEST_INTEGER = 255;
const NEWLINE = 0x0a;

export class Cursor {
  private readonly view: DataView;

  /**
   * @param position The offset of the next byte.
   * @param invalid Makes the error for a fault at the current position.
   */
  constructor(
    private readonly bytes: Uint8Array,
    public position: number,
    private readonly invalid: (what: string, cause?: unknown) => Error,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The next bytes, as a view. */
  take(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  /** The only big-endian field of a pickle. */
  float64(): number {
    return this.view.getFloat64(this.advance(8));
  }

  /** A 64-bit length of bytes that must follow. */
  length64(): number {
    const length = this.view.getBigUint64(this.advance(8), true);
    const rest = this.bytes.length - this.position;
    if (length > BigInt(rest)) throw this.invalid(`expected ${length} bytes more, found ${rest}`);
    return Number(length);
  }

  /** An integer of `length` bytes in two's complement; bigint only where a number would not be exact. */
  integer(length: number): number | bigint {
    if (length > LONGEST_INTEGER) throw this.invalid(`an integer of ${length} bytes is too long`);
    let value = 0n;
    for (const byte of this.take(length).toReversed()) value = (value << 8n) | BigInt(byte);
    value = BigInt.asIntN(8 * length, value);
    const small = Number(value);
    return Number.isSafeInteger(small) ? small : value;
  }

  /** UTF-8 of `length` bytes. */
  text(length: number): string {
    const bytes = this.take(length);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw this.invalid('a text is not UTF-8', cause);
    }
  }

  /** Text up to the next newline. */
  line(): string {
    const end = this.bytes.indexOf(NEWLINE, this.position);
    if (end < 0) throw this.invalid('a line has no end');
    const line = this.text(end - this.position);
    this.position = end + 1;
    return line;
  }

  private advance(length: number): number {
    const start = this.position;
    const rest = this.bytes.length - start;
    if (length > rest) throw this.invalid(`expected ${length} bytes more, found ${rest}`);
    this.position = start + length;
    return start;
  }
}
