/**
 * Huffman codes and the bits they are read from (ITU T.81, annexes C and F). The reader never invents bits: asking for
 * more than the stream holds throws `OutOfBits`, so that a scan that ends early is never filled up.
 */

/** The coded data ended, or a marker came, before the picture was complete. */
export class OutOfBits extends Error {}

/** For each 16-bit prefix: the length of its code in the high byte (0 for none) and the symbol in the low one. */
export type HuffmanTable = Uint16Array;

/** Tables of the classes DC (0–3) and AC (4–7), or what is wrong, in words. */
export function readTables(segments: readonly Uint8Array[]): (HuffmanTable | undefined)[] | string {
  const tables: (HuffmanTable | undefined)[] = [];
  for (const segment of segments) {
    for (let at = 0; at < segment.length; ) {
      const head = segment[at]!;
      const slot = ((head >> 4) & 1) * 4 + (head & 3);
      const counts = segment.subarray(at + 1, at + 17);
      const total = counts.reduce((sum, count) => sum + count, 0);
      const symbols = segment.subarray(at + 17, at + 17 + total);
      if (counts.length < 16 || symbols.length < total) return 'a Huffman table that ends early';
      const table = buildTable(counts, symbols);
      if (!table) return 'a Huffman table with more codes than there are';
      tables[slot] = table;
      at += 17 + total;
    }
  }
  return tables;
}

function buildTable(counts: Uint8Array, symbols: Uint8Array): HuffmanTable | undefined {
  const table = new Uint16Array(65536);
  let code = 0;
  let next = 0;
  for (let length = 1; length <= 16; length++) {
    const span = 1 << (16 - length);
    for (let left = counts[length - 1]!; left > 0; left--) {
      if (code + span > 65536) return undefined;
      table.fill((length << 8) | symbols[next++]!, code, code + span);
      code += span;
    }
  }
  return table;
}

/** Bits of a scan, most significant first; a stuffed zero behind 0xFF is dropped. */
export class BitReader {
  private bits = 0;
  private count = 0;
  private readonly bytes: Uint8Array;
  private at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  /** The symbol of the code that comes next. */
  symbol(table: HuffmanTable): number {
    this.fill(16);
    const prefix = this.count >= 16 ? this.bits >>> (this.count - 16) : (this.bits << (16 - this.count)) & 0xffff;
    const entry = table[prefix & 0xffff]!;
    const length = entry >> 8;
    if (length === 0 || length > this.count) throw new OutOfBits();
    this.drop(length);
    return entry & 0xff;
  }

  /** A difference of `size` bits, extended as T.81, figure F.12. */
  difference(size: number): number {
    if (size === 0) return 0;
    this.fill(size);
    if (this.count < size) throw new OutOfBits();
    const value = (this.bits >>> (this.count - size)) & ((1 << size) - 1);
    this.drop(size);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  /** Steps over a restart marker. */
  restart(): void {
    this.bits = 0;
    this.count = 0;
    while (this.bytes[this.at] === 0xff && this.bytes[this.at + 1] === 0xff) this.at++;
    const marker = this.bytes[this.at + 1] ?? 0;
    if (this.bytes[this.at] !== 0xff || marker < 0xd0 || marker > 0xd7) throw new OutOfBits();
    this.at += 2;
  }

  private fill(wanted: number): void {
    while (this.count < wanted && this.at < this.bytes.length) {
      const byte = this.bytes[this.at]!;
      if (byte === 0xff && this.bytes[this.at + 1] !== 0) return;
      this.bits = (this.bits << 8) | byte;
      this.count += 8;
      this.at += byte === 0xff ? 2 : 1;
    }
  }

  private drop(length: number): void {
    this.count -= length;
    this.bits &= (1 << this.count) - 1;
  }
}
