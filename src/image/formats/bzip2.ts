/**
 * Unpacking bzip2, block by block: Huffman codes, move to front, run lengths, the Burrows-Wheeler transform back, and
 * the checksum of each block. A block holds at most 900,000 symbols whatever it claims, so a hostile file costs no more
 * than its own blocks. Randomised blocks, which no program has written since 1997, are refused.
 */

/** Why the data cannot be unpacked. */
export class Bzip2Error extends Error {
  override readonly name = 'Bzip2Error';
  constructor(
    message: string,
    /** Whether the data end too early, and are not damaged. */
    readonly cutShort = false,
  ) {
    super(message);
  }
}

const BLOCK = 0x314159265359;
const END = 0x177245385090;
const LONGEST_CODE = 20;
/** Symbols that are coded with one table before the next selector is read. */
const GROUP = 50;

/**
 * Yields the unpacked bytes of every block. Several streams behind each other are one.
 * @throws Bzip2Error when the data are damaged or end too early
 * @example const text = Buffer.concat([...bunzip2(packed)]);
 */
export function* bunzip2(packed: Uint8Array): Generator<Uint8Array> {
  const bits = new Bits(packed);
  do {
    if (bits.read(24) !== 0x425a68) throw new Bzip2Error('no bzip2 data');
    const level = bits.read(8) - 48;
    if (level < 1 || level > 9) throw new Bzip2Error(`block size ${level}`);
    let combined = 0;
    for (;;) {
      const mark = bits.read(24) * 2 ** 24 + bits.read(24);
      const checksum = bits.read32();
      if (mark === END) {
        if (checksum !== combined) throw new Bzip2Error('the checksum of the stream is wrong');
        break;
      }
      if (mark !== BLOCK) throw new Bzip2Error('no block where one was expected');
      const block = unrun(readBlock(bits, level * 100_000));
      if (crc(block) !== checksum) throw new Bzip2Error('the checksum of a block is wrong');
      combined = (((combined << 1) | (combined >>> 31)) ^ checksum) >>> 0;
      yield block;
    }
    bits.align();
  } while (bits.startsWith(0x42, 0x5a, 0x68));
}

/** Bits, the most significant first. */
class Bits {
  private position = 0;
  private buffer = 0;
  private count = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Up to 24 bits. */
  read(count: number): number {
    while (this.count < count) {
      if (this.position >= this.bytes.length) throw new Bzip2Error('the data end too early', true);
      this.buffer = ((this.buffer & 0xffffff) << 8) | this.bytes[this.position++]!;
      this.count += 8;
    }
    this.count -= count;
    return (this.buffer >>> this.count) & ((1 << count) - 1);
  }

  read32(): number {
    return this.read(16) * 65536 + this.read(16);
  }

  align(): void {
    this.count -= this.count % 8;
  }

  startsWith(...expected: number[]): boolean {
    const from = this.position - this.count / 8;
    return expected.every((value, index) => this.bytes[from + index] === value);
  }
}

/** The symbols of a block after the Burrows-Wheeler transform is undone; runs are still coded. */
function readBlock(bits: Bits, capacity: number): Uint8Array {
  if (bits.read(1)) throw new Bzip2Error('a randomised block');
  const origin = bits.read(24);
  const alphabet = readAlphabet(bits);
  const symbols = alphabet.length + 2;
  const tableCount = bits.read(3);
  if (alphabet.length === 0 || tableCount < 2 || tableCount > 6) throw new Bzip2Error('a damaged block header');
  const selectors = readSelectors(bits, tableCount);
  const tables = Array.from({ length: tableCount }, () => readTable(bits, symbols));

  const block = new Uint8Array(capacity);
  let length = 0;
  const put = (byte: number, count: number) => {
    if (length + count > capacity) throw new Bzip2Error('a block longer than its stream allows');
    block.fill(byte, length, length + count);
    length += count;
  };
  let run = 0;
  let weight = 1;
  for (let group = 0; ; group++) {
    const selector = selectors[group];
    if (selector === undefined) throw new Bzip2Error('a block without an end');
    const table = tables[selector]!;
    for (let index = 0; index < GROUP; index++) {
      const symbol = readSymbol(bits, table);
      if (symbol < 2) {
        run += weight << symbol;
        weight *= 2;
        if (run > capacity) throw new Bzip2Error('a run longer than its block');
        continue;
      }
      if (run > 0) put(alphabet[0]!, run);
      run = 0;
      weight = 1;
      if (symbol === symbols - 1) return untransform(block.subarray(0, length), origin);
      put(moveToFront(alphabet, symbol - 1), 1);
    }
  }
}

/** The byte values that occur in the block. */
function readAlphabet(bits: Bits): number[] {
  const rows = bits.read(16);
  const alphabet: number[] = [];
  for (let row = 0; row < 16; row++) {
    if (!((rows >> (15 - row)) & 1)) continue;
    const columns = bits.read(16);
    for (let column = 0; column < 16; column++) {
      if ((columns >> (15 - column)) & 1) alphabet.push(row * 16 + column);
    }
  }
  return alphabet;
}

function readSelectors(bits: Bits, tableCount: number): Uint8Array {
  const count = bits.read(15);
  const order = Array.from({ length: tableCount }, (_, index) => index);
  const selectors = new Uint8Array(count);
  for (let index = 0; index < count; index++) {
    let place = 0;
    while (bits.read(1)) if (++place >= tableCount) throw new Bzip2Error('a selector without a table');
    selectors[index] = moveToFront(order, place);
  }
  return selectors;
}

function moveToFront(list: number[], place: number): number {
  const value = list[place]!;
  list.copyWithin(1, 0, place);
  list[0] = value;
  return value;
}

/** A canonical Huffman code: for each length the last code, and what turns a code into a place in `order`. */
interface Table {
  readonly last: Int32Array;
  readonly offset: Int32Array;
  readonly order: readonly number[];
}

function readTable(bits: Bits, symbols: number): Table {
  const lengths: number[] = [];
  let length = bits.read(5);
  while (lengths.length < symbols) {
    if (length < 1 || length > LONGEST_CODE) throw new Bzip2Error(`a code of ${length} bits`);
    if (!bits.read(1)) lengths.push(length);
    else length += bits.read(1) ? -1 : 1;
  }
  const last = new Int32Array(LONGEST_CODE + 1).fill(-1);
  const offset = new Int32Array(LONGEST_CODE + 1);
  const order: number[] = [];
  for (let size = 1, code = 0; size <= LONGEST_CODE; size++, code *= 2) {
    offset[size] = order.length - code;
    const before = order.length;
    for (let symbol = 0; symbol < symbols; symbol++) if (lengths[symbol] === size) order.push(symbol);
    code += order.length - before;
    if (code > 2 ** size) throw new Bzip2Error('more codes than fit');
    last[size] = code - 1;
  }
  return { last, offset, order };
}

function readSymbol(bits: Bits, { last, offset, order }: Table): number {
  for (let size = 1, code = bits.read(1); size <= LONGEST_CODE; size++) {
    if (code <= last[size]!) {
      const symbol = order[code + offset[size]!];
      if (symbol !== undefined) return symbol;
    }
    if (size < LONGEST_CODE) code = code * 2 + bits.read(1);
  }
  throw new Bzip2Error('an unknown code');
}

/** The Burrows-Wheeler transform, undone. */
function untransform(block: Uint8Array, origin: number): Uint8Array {
  if (origin >= block.length) throw new Bzip2Error('a start outside of its block');
  const starts = new Int32Array(257);
  for (const byte of block) starts[byte + 1]!++;
  for (let byte = 0; byte < 256; byte++) starts[byte + 1]! += starts[byte]!;
  const next = new Int32Array(block.length);
  block.forEach((byte, index) => {
    next[starts[byte]!++] = index;
  });
  const result = new Uint8Array(block.length);
  for (let index = 0, at = next[origin]!; index < block.length; index++, at = next[at]!) result[index] = block[at]!;
  return result;
}

/** Four equal bytes are followed by how many more there are. */
function unrun(coded: Uint8Array): Uint8Array {
  let size = 0;
  eachRun(coded, (_, count) => {
    size += count;
  });
  const result = new Uint8Array(size);
  let at = 0;
  eachRun(coded, (byte, count) => {
    result.fill(byte, at, at + count);
    at += count;
  });
  return result;
}

function eachRun(coded: Uint8Array, use: (byte: number, count: number) => void): void {
  for (let index = 0, same = 0, previous = -1; index < coded.length; index++) {
    const byte = coded[index]!;
    same = byte === previous ? same + 1 : 1;
    previous = byte;
    use(byte, 1);
    if (same < 4) continue;
    if (++index >= coded.length) throw new Bzip2Error('a run without its length');
    use(byte, coded[index]!);
    same = 0;
    previous = -1;
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function crc(bytes: Uint8Array): number {
  let value = -1;
  for (const byte of bytes) value = (value << 8) ^ CRC_TABLE[(value >>> 24) ^ byte]!;
  return ~value >>> 0;
}
