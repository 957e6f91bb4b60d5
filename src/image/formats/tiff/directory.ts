/**
 * The directory of a TIFF file (TIFF 6.0, and BigTIFF with offsets of 64 bits): its whole numbers by their tags. Every
 * offset and count is held against the length of the file.
 */

/** The tags that are asked for. */
export const TAGS = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  rowsPerStrip: 278,
  stripLengths: 279,
  planar: 284,
  predictor: 317,
  colours: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileLengths: 325,
  extraSamples: 338,
  sampleFormat: 339,
} as const;

/** Bytes of the types of whole numbers without a sign: BYTE, SHORT, LONG, LONG8. */
const WIDTHS: Readonly<Record<number, 1 | 2 | 4 | 8>> = { 1: 1, 3: 2, 4: 4, 16: 8 };

export interface Directory {
  readonly little: boolean;
  /** How many pages the file has. */
  readonly pages: number;
  /** The numbers of a tag of the first page; empty where it is absent. */
  values(tag: keyof typeof TAGS): readonly number[];
}

export function isTiff(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes;
  const little = a === 0x49 && b === 0x49 && (c === 42 || c === 43) && d === 0;
  return little || (a === 0x4d && b === 0x4d && c === 0 && (d === 42 || d === 43));
}

/** @returns what is wrong, in words, where the directories do not lie within the file */
export function readDirectory(bytes: Uint8Array): Directory | string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const big = view.getUint16(2, little) === 43;
  const number = (at: number, width: 1 | 2 | 4 | 8) =>
    width === 1
      ? view.getUint8(at)
      : width === 2
        ? view.getUint16(at, little)
        : width === 4
          ? view.getUint32(at, little)
          : Number(view.getBigUint64(at, little));
  const [head, entry, offset] = big ? ([8, 20, 8] as const) : ([2, 12, 4] as const);
  const end = bytes.length;
  if (end < (big ? 16 : 8)) return 'a file without a directory';
  const entries = new Map<number, readonly number[]>();
  const seen = new Set<number>();
  for (let start = number(big ? 8 : 4, offset); start !== 0; ) {
    if (seen.has(start)) return 'directories that lead back to one another';
    if (!(start + head <= end)) return 'a directory beyond the end of the file';
    const count = number(start, big ? 8 : 2);
    const after = start + head + count * entry;
    if (!(after + offset <= end)) return 'a directory that is cut short';
    if (seen.size === 0) {
      for (let index = 0; index < count; index++) {
        const at = start + head + index * entry;
        const width = WIDTHS[number(at + 2, 2)];
        if (width === undefined || entries.has(number(at, 2))) continue;
        const values = number(at + 4, offset);
        const place = values * width <= offset ? at + 4 + offset : number(at + 4 + offset, offset);
        if (!(place + values * width <= end))
          return `the values of the tag ${number(at, 2)} beyond the end of the file`;
        entries.set(
          number(at, 2),
          Array.from({ length: values }, (_, k) => number(place + k * width, width)),
        );
      }
    }
    seen.add(start);
    start = number(after, offset);
  }
  return { little, pages: seen.size, values: (tag) => entries.get(TAGS[tag]) ?? [] };
}
