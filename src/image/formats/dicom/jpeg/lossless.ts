/**
 * Lossless JPEG (ITU T.81, annex H): every sample is predicted from its neighbours to the left and above, and the
 * difference is Huffman coded. One component, or three that are interleaved; 2 to 16 bits. No package of npm reads it
 * without filling up what is missing, and the Huffman part is shared with the 12-bit process.
 */
import { BitReader, readTables } from './huffman.js';
import type { JpegHead } from './segments.js';

/**
 * Decodes a stream whose head was read and compared with what is expected.
 * @returns the samples, [H, W, C], or what is wrong, in words
 * @throws OutOfBits when the scan ends early
 */
export function decodeLossless(bytes: Uint8Array, head: JpegHead): Uint16Array | string {
  const { rows, columns, precision, components, scan, restart } = head;
  const channels = components.length;
  const tables = readTables(head.huffman);
  if (typeof tables === 'string') return tables;
  if (scan[0] !== channels || scan.length < 4 + 2 * channels) return 'components in scans of their own';
  if (components.some(({ horizontal, vertical }) => horizontal !== 1 || vertical !== 1)) return 'subsampled components';
  const predictor = scan[1 + 2 * channels]!;
  const shift = scan[3 + 2 * channels]! & 15;
  if (predictor < 1 || predictor > 7) return `the predictor ${predictor}`;
  if (precision < 2 || precision > 16 || shift >= precision) return `${precision} bits, shifted by ${shift}`;
  if (restart % columns !== 0) return 'restarts within a row';
  const codes = components.map((_, index) => tables[scan[2 + 2 * index]! >> 4]);
  if (codes.some((table) => !table)) return 'a scan without its Huffman table';

  // At least one bit for each sample: the data must be able to hold the picture before it is allocated.
  if ((bytes.length - head.dataStart) * 8 < rows * columns * channels) return 'too few bytes for the picture';
  const samples = new Uint16Array(rows * columns * channels);
  const reader = new BitReader(bytes, head.dataStart);
  const stride = columns * channels;
  const restartRows = restart / columns;
  const start = 1 << (precision - shift - 1);
  for (let row = 0; row < rows; row++) {
    const fresh = row === 0 || (restartRows > 0 && row % restartRows === 0);
    if (fresh && row > 0) reader.restart();
    for (let column = 0; column < columns; column++) {
      for (let channel = 0; channel < channels; channel++) {
        const at = row * stride + column * channels + channel;
        let guess: number;
        if (fresh) guess = column === 0 ? start : samples[at - channels]!;
        else if (column === 0) guess = samples[at - stride]!;
        else
          guess = predict(predictor, samples[at - channels]!, samples[at - stride]!, samples[at - stride - channels]!);
        const size = reader.symbol(codes[channel]!);
        if (size > 16) return `a difference of ${size} bits`;
        samples[at] = guess + (size === 16 ? 32768 : reader.difference(size));
      }
    }
  }
  if (shift > 0) for (let at = 0; at < samples.length; at++) samples[at] = samples[at]! << shift;
  return samples;
}

/** T.81, table H.1: a to the left, b above, c above to the left. */
function predict(predictor: number, a: number, b: number, c: number): number {
  switch (predictor) {
    case 1:
      return a;
    case 2:
      return b;
    case 3:
      return c;
    case 4:
      return a + b - c;
    case 5:
      return a + ((b - c) >> 1);
    case 6:
      return b + ((a - c) >> 1);
    default:
      return (a + b) >> 1;
  }
}
