/**
 * The structure of a JPEG 2000 codestream (ITU T.800, annex A; HTJ2K shares it): the extent and the components it
 * states, and its chain of tile-parts. The codecs fill a picture whose end is missing, so the chain is walked first:
 * every tile must be there, and every tile-part must be complete.
 */

/** What a codestream states of itself. */
export interface Codestream {
  /** The codestream without the boxes of a JP2 file around it. */
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly components: number;
  readonly precision: number;
  /** The components were transformed (RCT or ICT): the codec gives back RGB. */
  readonly colourTransform: boolean;
}

const SOC = 0xff4f;
const SIZ = 0xff51;
const COD = 0xff52;
const SOT = 0xff90;
const EOC = 0xffd9;

/** Reads and checks the structure, or returns what is wrong, in words; `cut` where the end is missing. */
export function readCodestream(coded: Uint8Array): Codestream | { readonly wrong: string; readonly cut: boolean } {
  const bytes = withoutBoxes(coded);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  const wrong = (text: string, cut = false) => ({ wrong: text, cut });
  const missing = (text: string) => wrong(text, true);
  if (end < 4 || view.getUint16(0) !== SOC || view.getUint16(2) !== SIZ)
    return wrong('bytes that are no JPEG 2000 codestream');

  let size: ReturnType<typeof readSize>;
  let colourTransform = false;
  let layers = 1;
  let at = 2;
  for (;;) {
    if (at + 4 > end) return missing('the end within the main header');
    const marker = view.getUint16(at);
    if (marker === SOT) break;
    const length = view.getUint16(at + 2);
    if (marker < 0xff00 || length < 2 || at + 2 + length > end) return wrong('a broken main header');
    if (marker === SIZ) size = readSize(view, at + 4, length - 2);
    if (marker === COD && length >= 12) {
      layers = view.getUint16(at + 6);
      colourTransform = view.getUint8(at + 8) === 1;
    }
    at += 2 + length;
  }
  if (!size) return wrong('a broken SIZ segment');
  const { tiles } = size;
  // A tile-part has a head of 14 bytes, and every layer of a tile takes at least one byte.
  if (tiles === 0 || tiles * (14 + layers) > end) return wrong(`${tiles} tiles of ${layers} layers in ${end} bytes`);

  const parts = new Uint16Array(tiles);
  const stated = new Uint16Array(tiles);
  let closed = false;
  while (!closed) {
    if (at + 2 > end) break;
    if (view.getUint16(at) === EOC) {
      closed = true;
      break;
    }
    if (at + 14 > end) return missing('the end within a tile-part');
    if (view.getUint16(at) !== SOT) return wrong('bytes between tile-parts');
    const tile = view.getUint16(at + 4);
    const length = view.getUint32(at + 6);
    if (tile >= tiles) return wrong(`the tile ${tile} of ${tiles}`);
    parts[tile] = parts[tile]! + 1;
    stated[tile] = Math.max(stated[tile]!, view.getUint8(at + 11));
    if (length === 0) {
      closed = endsWithEoc(bytes);
      break;
    }
    if (length < 14) return wrong(`a tile-part of ${length} bytes`);
    if (at + length > end) return missing(`${end - at} of ${length} bytes of a tile-part`);
    at += length;
  }
  const complete = (known: boolean) =>
    parts.every((count, tile) => count > 0 && count >= (stated[tile] || (known ? 1 : 257)));
  // Some writers leave out the end mark; then the tiles must say how many parts they have.
  if (!complete(closed)) return missing(closed ? 'tiles without their parts' : 'a codestream without its end mark');
  return { bytes, ...size, colourTransform };
}

function readSize(view: DataView, at: number, length: number) {
  if (length < 36) return undefined;
  const [x1, y1, x0, y0, tileWidth, tileHeight, tileX, tileY] = Array.from({ length: 8 }, (_, index) =>
    view.getUint32(at + 2 + 4 * index),
  ) as [number, number, number, number, number, number, number, number];
  const components = view.getUint16(at + 34);
  if (length < 36 + 3 * components || components === 0 || tileWidth === 0 || tileHeight === 0) return undefined;
  for (let index = 0; index < components; index++) {
    const one = at + 36 + 3 * index;
    // The same precision everywhere, no subsampling.
    if (view.getUint8(one) !== view.getUint8(at + 36)) return undefined;
    if (view.getUint8(one + 1) !== 1 || view.getUint8(one + 2) !== 1) return undefined;
  }
  if (x0 >= x1 || y0 >= y1 || tileX > x0 || tileY > y0 || tileX + tileWidth <= x0 || tileY + tileHeight <= y0)
    return undefined;
  return {
    width: x1 - x0,
    height: y1 - y0,
    components,
    precision: (view.getUint8(at + 36) & 127) + 1,
    tiles: Math.ceil((x1 - tileX) / tileWidth) * Math.ceil((y1 - tileY) / tileHeight),
  };
}

/** The end mark is the last thing but padding. */
function endsWithEoc(bytes: Uint8Array): boolean {
  let end = bytes.length;
  while (end > 2 && bytes[end - 1] === 0) end--;
  return bytes[end - 2] === 0xff && bytes[end - 1] === 0xd9;
}

/** The content of the `jp2c` box, where the stream is a JP2 file. */
function withoutBoxes(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(4) !== 0x6a502020) return bytes;
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (view.getUint32(at + 4) === 0x6a703263) return bytes.subarray(at + 8);
    if (length < 8) break;
    at += length;
  }
  return bytes;
}
