/** The part of the protocol buffers wire format that ONNX needs: varints, 32-bit floats and length-delimited fields. */
import { joined } from '../core/bytes.js';

/** Bytes of an array from which on it is kept as it is, and not copied. */
const LARGE = 4096;
/** Bytes of a buffer at first, and from which on another one is begun. */
const [SMALLEST, FULL] = [256, 65536];

const encoder = new TextEncoder();

export class ProtobufWriter {
  /** What lies in front of the buffer. */
  #parts: Uint8Array[] = [];
  #before = 0;
  #buffer = new Uint8Array(SMALLEST);
  #used = 0;
  /** Writes one message after the other. */
  #inner: ProtobufWriter | undefined;

  /** A 64-bit integer field. */
  integer(field: number, value: number): this {
    this.#key(field, 0);
    return value >= 0 ? this.#varint(value) : this.#negative(value);
  }

  float(field: number, value: number): this {
    this.#key(field, 5);
    return this.#copy(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#key(field, 2).#varint(value.length);
    return value.length < LARGE ? this.#copy(value) : this.#keep(value);
  }

  text(field: number, value: string): this {
    // Names are short and plain, and there are tens of thousands: no array is made for each.
    this.#reserve(20 + value.length);
    const before = this.#used;
    this.#key(field, 2).#varint(value.length);
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 127) {
        this.#used = before;
        return this.bytes(field, encoder.encode(value));
      }
      this.#buffer[this.#used++] = code;
    }
    return this;
  }

  message(field: number, write: (message: ProtobufWriter) => void): this {
    this.#inner ??= new ProtobufWriter();
    const inner = this.#inner;
    write(inner);
    this.#key(field, 2).#varint(inner.#before + inner.#used);
    for (const part of inner.#parts) this.#keep(part);
    this.#copy(inner.#buffer.subarray(0, inner.#used));
    inner.#parts = [];
    inner.#before = 0;
    inner.#used = 0;
    return this;
  }

  finish(): Uint8Array {
    return joined([...this.#parts, this.#buffer.subarray(0, this.#used)]);
  }

  #key(field: number, wireType: number): this {
    return this.#varint(field * 8 + wireType);
  }

  /** @param value a whole number from 0 on */
  #varint(value: number): this {
    this.#reserve(10);
    let rest = value;
    while (rest > 127) {
      this.#buffer[this.#used++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#used++] = rest;
    return this;
  }

  /** As its complement to 2⁶⁴. */
  #negative(value: number): this {
    this.#reserve(10);
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 127n) {
      this.#buffer[this.#used++] = Number(rest & 127n) | 128;
      rest >>= 7n;
    }
    this.#buffer[this.#used++] = Number(rest);
    return this;
  }

  #copy(value: Uint8Array): this {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#used);
    this.#used += value.length;
    return this;
  }

  #keep(value: Uint8Array): this {
    this.#close(SMALLEST);
    this.#parts.push(value);
    this.#before += value.length;
    return this;
  }

  #reserve(bytes: number): void {
    const wanted = this.#used + bytes;
    if (wanted <= this.#buffer.length) return;
    if (wanted > FULL) {
      this.#close(Math.max(FULL, bytes));
      return;
    }
    const larger = new Uint8Array(Math.max(wanted, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#used));
    this.#buffer = larger;
  }

  /** Puts the buffer behind the parts and begins another one. */
  #close(size: number): void {
    if (this.#used > 0) {
      this.#parts.push(this.#buffer.subarray(0, this.#used));
      this.#before += this.#used;
      this.#buffer = new Uint8Array(size);
      this.#used = 0;
    } else if (this.#buffer.length < size) this.#buffer = new Uint8Array(size);
  }
}
