/**
 * The segments of a JPEG stream up to its first scan (ITU T.81, annex B; T.87 for JPEG-LS): which process it uses, the
 * extent and precision it states, its tables. What it states is compared with the DICOM header before it is decoded.
 */

export interface JpegComponent {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantisation: number;
}

/** The head of a JPEG stream. */
export interface JpegHead {
  /** The second byte of the frame marker: 0xC0 baseline, 0xC1 extended, 0xC3 lossless, 0xF7 JPEG-LS. */
  readonly process: number;
  readonly precision: number;
  readonly rows: number;
  readonly columns: number;
  readonly components: readonly JpegComponent[];
  /** JFIF or Adobe segments say what the colours are. */
  readonly marked: boolean;
  /** Payloads of the DHT and DQT segments. */
  readonly huffman: readonly Uint8Array[];
  readonly quantisation: readonly Uint8Array[];
  /** Minimum coded units between restart markers; 0 for none. */
  readonly restart: number;
  /** Payload of the first SOS segment, and where its coded data begin. */
  readonly scan: Uint8Array;
  readonly dataStart: number;
}

/** Reads the head, or returns what is wrong with it, in words. */
export function readHead(bytes: Uint8Array): JpegHead | string {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return 'bytes that are no JPEG stream';
  let frame: Pick<JpegHead, 'process' | 'precision' | 'rows' | 'columns' | 'components'> | undefined;
  let marked = false;
  let restart = 0;
  const huffman: Uint8Array[] = [];
  const quantisation: Uint8Array[] = [];
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return `no JPEG marker at byte ${at}`;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const payload = bytes.subarray(at + 4, at + 2 + length);
    if (length < 2 || payload.length < length - 2) return 'a JPEG segment that ends early';
    if (marker === 0xda) {
      if (!frame) return 'a JPEG scan without a frame header';
      return { ...frame, marked, huffman, quantisation, restart, scan: payload, dataStart: at + 2 + length };
    }
    if (marker === 0xc4) huffman.push(payload);
    else if (marker === 0xdb) quantisation.push(payload);
    else if (marker === 0xdd && payload.length >= 2) restart = (payload[0]! << 8) | payload[1]!;
    else if (marker === 0xe0 || marker === 0xee)
      marked ||= /^(JFIF|Adobe)/.test(String.fromCharCode(...payload.subarray(0, 5)));
    else if (marker === 0xf7 || (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc)) {
      const read = readFrame(marker, payload);
      if (typeof read === 'string' || frame) return frame ? 'two JPEG frame headers' : (read as string);
      frame = read;
    }
    at += 2 + length;
  }
  return 'a JPEG stream without a scan';
}

function readFrame(process: number, payload: Uint8Array) {
  const count = payload[5] ?? 0;
  if (payload.length < 6 + 3 * count || count === 0) return 'a JPEG frame header that ends early';
  return {
    process,
    precision: payload[0]!,
    rows: (payload[1]! << 8) | payload[2]!,
    columns: (payload[3]! << 8) | payload[4]!,
    components: Array.from({ length: count }, (_, index) => {
      const at = 6 + 3 * index;
      const sampling = payload[at + 1]!;
      return { id: payload[at]!, horizontal: sampling >> 4, vertical: sampling & 15, quantisation: payload[at + 2]! };
    }),
  };
}
