/** Archives and pickles for the tests of the readers, with every field open to lies. */
import { deflateRawSync } from 'node:zlib';

/** Bytes from numbers, text (as UTF-8) and other bytes, one after another. */
export function bytesOf(...parts: readonly (number | string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(parts.map((part) => (typeof part === 'number' ? Uint8Array.of(part) : Buffer.from(part))));
}

export interface ZipFixture {
  readonly deflate?: boolean;
  /** Sizes and offsets in the 64-bit fields. */
  readonly wide?: boolean;
  /** The size that every entry claims to unpack to. */
  readonly claim?: number;
  readonly flags?: number;
}

/** A zip archive of the entries. */
export function makeZip(
  entries: Readonly<Record<string, Uint8Array | string>>,
  { deflate = false, wide = false, claim, flags = 0 }: ZipFixture = {},
): Uint8Array {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const raw = Buffer.from(content as Uint8Array);
    const packed = deflate ? deflateRawSync(raw) : raw;
    const size = claim ?? raw.length;
    const label = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(label.length, 26);
    const extra = Buffer.alloc(wide ? 28 : 0);
    if (wide) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      writeWide(extra, 4, [size, packed.length, offset]);
    }
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(flags, 8);
    central.writeUInt16LE(deflate ? 8 : 0, 10);
    central.writeUInt32LE(wide ? 0xffffffff : packed.length, 20);
    central.writeUInt32LE(wide ? 0xffffffff : size, 24);
    central.writeUInt16LE(label.length, 28);
    central.writeUInt16LE(extra.length, 30);
    central.writeUInt32LE(wide ? 0xffffffff : offset, 42);
    files.push(local, label, packed);
    directory.push(central, label, extra);
    offset += local.length + label.length + packed.length;
  }
  const count = Object.keys(entries).length;
  return Buffer.concat([...files, ...directory, endRecords(offset, Buffer.concat(directory).length, count, wide)]);
}

function endRecords(start: number, length: number, count: number, wide: boolean): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(wide ? 0xffff : count, 10);
  end.writeUInt32LE(wide ? 0xffffffff : length, 12);
  end.writeUInt32LE(wide ? 0xffffffff : start, 16);
  if (!wide) return end;
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  writeWide(record, 32, [count, length, start]);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(start + length), 64);
  return Buffer.concat([record, end]);
}

function writeWide(target: Buffer, at: number, fields: readonly number[]): void {
  for (const [index, field] of fields.entries()) target.writeBigUInt64LE(BigInt(field), at + 8 * index);
}
