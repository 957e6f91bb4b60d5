/** The part of the protocol buffers wire format that ONNX needs: varints, 32-bit floats and length-delimited fields. */
import { joined } from '../core/bytes.js';

export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** A 64-bit integer field. */
  integer(field: number, value: number): this {
    return this.#key(field, 0).#varint(BigInt(value));
  }

  float(field: number, value: number): this {
    this.#key(field, 5);
    return this.#push(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    this.#key(field, 2).#varint(BigInt(value.length));
    return this.#push(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, write: (message: ProtobufWriter) => void): this {
    const message = new ProtobufWriter();
    write(message);
    this.#key(field, 2).#varint(BigInt(message.#length));
    for (const part of message.#parts) this.#push(part);
    return this;
  }

  finish(): Uint8Array {
    return joined(this.#parts);
  }

  #key(field: number, wireType: number): this {
    return this.#varint(BigInt(field * 8 + wireType));
  }

  #varint(value: bigint): this {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, value);
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    return this.#push(Uint8Array.from(bytes));
  }

  #push(part: Uint8Array): this {
    this.#parts.push(part);
    this.#length += part.length;
    return this;
  }
}
