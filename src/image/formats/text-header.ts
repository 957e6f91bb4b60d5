/** The text that begins NRRD and MetaImage files: read in pieces up to its end, within a bound. */
import { InputError } from '../../core/errors.js';
import { type FileSource, latin } from '../byte-reader.js';

/** Headers longer than this are refused. */
const LONGEST = 2 ** 20;
const PIECE = 2 ** 13;

/**
 * @param isEnd where the header ends, as the byte behind it, or undefined while the end has not come
 * @returns the text (one character for each byte) and the byte behind it; the whole file where no end comes
 * @throws InputError ('image') when the header is longer than 1 MiB
 */
export async function readTextHeader(
  files: FileSource,
  path: string,
  isEnd: (text: string) => number | undefined,
): Promise<{ text: string; end: number }> {
  const reader = await files.open(path, { encoding: 'raw' });
  try {
    const piece = new Uint8Array(PIECE);
    let text = '';
    while (text.length < LONGEST) {
      const count = await reader.read(piece);
      text += latin(piece.subarray(0, count));
      const end = isEnd(text);
      if (end !== undefined) return { text: text.slice(0, end), end };
      if (count < PIECE) return { text, end: text.length };
    }
  } finally {
    await reader.close();
  }
  throw new InputError(
    'image',
    `${path}: expected a header of at most ${LONGEST} bytes, found no end of it`,
    'The file is damaged: copy or download it again.',
  );
}

/** Numbers in a text, parted by space; undefined where a word is no number. */
export function numbersIn(text: string): number[] | undefined {
  const words = text.trim().split(/\s+/);
  const numbers = words.map(Number);
  return words[0] !== '' && numbers.every((value, index) => !Number.isNaN(value) || /^nan$/i.test(words[index]!))
    ? numbers
    : undefined;
}
