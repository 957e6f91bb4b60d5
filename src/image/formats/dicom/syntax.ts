/**
 * Transfer syntaxes: how the pixels of a DICOM object are coded (PS3.5, section 10 and PS3.6, annex A). A syntax that
 * is not in the table is refused by its name where it has a known one.
 */

/** The coding of one frame. */
export type Coding =
  | 'native'
  | 'encapsulated'
  | 'deflated-frame'
  | 'rle'
  | 'jpeg-dct'
  | 'jpeg-lossless'
  | 'jpeg-ls'
  | 'jpeg-2000'
  | 'htj2k';

/** Identifiers of the syntaxes that decide how the data set itself is read. */
export const IMPLICIT_LITTLE = '1.2.840.10008.1.2';
export const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1';
export const EXPLICIT_BIG = '1.2.840.10008.1.2.2';

const CODINGS: Readonly<Record<string, Coding>> = {
  [IMPLICIT_LITTLE]: 'native',
  [EXPLICIT_LITTLE]: 'native',
  [EXPLICIT_BIG]: 'native',
  '1.2.840.10008.1.2.1.99': 'native', // the whole data set is deflated
  '1.2.840.10008.1.2.1.98': 'encapsulated',
  '1.2.840.10008.1.2.8.1': 'deflated-frame',
  '1.2.840.10008.1.2.5': 'rle',
  '1.2.840.10008.1.2.4.50': 'jpeg-dct',
  '1.2.840.10008.1.2.4.51': 'jpeg-dct',
  '1.2.840.10008.1.2.4.57': 'jpeg-lossless',
  '1.2.840.10008.1.2.4.70': 'jpeg-lossless',
  '1.2.840.10008.1.2.4.80': 'jpeg-ls',
  '1.2.840.10008.1.2.4.81': 'jpeg-ls',
  '1.2.840.10008.1.2.4.90': 'jpeg-2000',
  '1.2.840.10008.1.2.4.91': 'jpeg-2000',
  '1.2.840.10008.1.2.4.201': 'htj2k',
  '1.2.840.10008.1.2.4.202': 'htj2k',
  '1.2.840.10008.1.2.4.203': 'htj2k',
};

/** Names of syntaxes that are refused, by the beginning of their identifier. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['1.2.840.10008.1.2.4.92', 'JPEG 2000 multi-component'],
  ['1.2.840.10008.1.2.4.93', 'JPEG 2000 multi-component'],
  ['1.2.840.10008.1.2.4.94', 'JPIP, whose pixels lie on a server'],
  ['1.2.840.10008.1.2.4.95', 'JPIP, whose pixels lie on a server'],
  ['1.2.840.10008.1.2.4.204', 'JPIP, whose pixels lie on a server'],
  ['1.2.840.10008.1.2.4.205', 'JPIP, whose pixels lie on a server'],
  ['1.2.840.10008.1.2.4.10', 'MPEG or H.264 video'],
  ['1.2.840.10008.1.2.4.11', 'JPEG XL'],
  ['1.2.840.10008.1.2.4.5', 'a retired JPEG process'],
  ['1.2.840.10008.1.2.4.6', 'a retired JPEG process'],
  ['1.2.840.10008.1.2.7', 'video over RTP'],
];

/** How the pixels are coded, or undefined where the syntax is not supported. */
export function codingOf(syntax: string): Coding | undefined {
  return Object.hasOwn(CODINGS, syntax) ? CODINGS[syntax] : undefined;
}

/** The syntax in words, for messages. */
export function describeSyntax(syntax: string): string {
  const known = REFUSED.find(([start]) => syntax.startsWith(start));
  return known ? `${known[1]} (${syntax})` : syntax;
}
