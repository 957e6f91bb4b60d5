/**
 * The letters of pictures: strokes of a round pen, so that they are legible at any size. A glyph lies on a grid on
 * which capitals are 12 high; small letters begin at 4, the line is at 12, and what hangs below it ends at 16.
 */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Lines that the pen draws, in pixels from the upper left corner of a capital. */
export type Strokes = readonly (readonly Point[])[];

const CAPITAL = 12;
const SPACING = 3.2;
const SPACE = 4;
/** Accents of capitals stand higher. */
const RAISED = 3.5;
/** Pieces of a curve at each of its corners. */
const PIECES = 6;

/** The width of a text whose capitals are `size` pixels high. */
export function textWidth(words: string, size: number): number {
  return laidOut(words, size).width;
}

/** The longest beginning of a text that fits, with an ellipsis where something is left out. */
export function fittingText(words: string, size: number, width: number): string {
  if (textWidth(words, size) <= width) return words;
  const letters = [...words];
  while (letters.length > 0 && textWidth(`${letters.join('')}…`, size) > width) letters.pop();
  return letters.length > 0 ? `${letters.join('').trimEnd()}…` : '';
}

export function textStrokes(words: string, size: number): Strokes {
  return laidOut(words, size).strokes;
}

function laidOut(words: string, size: number): { readonly strokes: Strokes; readonly width: number } {
  const unit = size / CAPITAL;
  const strokes: Point[][] = [];
  let [left, before, raised] = [0, 0, 0];
  for (const letter of words.normalize('NFD')) {
    // An accent stands over the letter before it.
    const accent = /\p{M}/u.test(letter);
    const glyph = letter === ' ' ? [] : (known(letter) ?? (accent ? [] : BOX));
    const start = accent ? before : left;
    for (const stroke of glyph) {
      strokes.push(stroke.map(({ x, y }) => ({ x: (start + x) * unit, y: (accent ? y - raised : y) * unit })));
    }
    if (accent) continue;
    before = left;
    raised = letter === letter.toLowerCase() ? 0 : RAISED;
    left += (letter === ' ' ? SPACE : Math.max(0, ...glyph.flat().map(({ x }) => x))) + SPACING;
  }
  return { strokes, width: Math.max(0, left - SPACING) * unit };
}

const read = new Map<string, Strokes>();

function known(letter: string): Strokes | undefined {
  const text = Object.hasOwn(GLYPHS, letter) ? GLYPHS[letter] : undefined;
  if (text === undefined) return undefined;
  const glyph = read.get(letter) ?? text.split(' ').map(strokeOf);
  read.set(letter, glyph);
  return glyph;
}

/** Corners as pairs of digits in base 36; `~` rounds them off, `@` also joins the ends. */
function strokeOf(text: string): readonly Point[] {
  const kind = text[0];
  const digits = kind === '~' || kind === '@' ? text.slice(1) : text;
  const corners = Array.from({ length: digits.length / 2 }, (_, index) => ({
    x: Number.parseInt(digits[2 * index]!, 36),
    y: Number.parseInt(digits[2 * index + 1]!, 36),
  }));
  if (kind === '~') return [corners[0]!, ...rounded(corners), corners.at(-1)!];
  if (kind !== '@') return corners;
  const closed = rounded([corners.at(-1)!, ...corners, corners[0]!]);
  return [...closed, closed[0]!];
}

/** Through the middles of the sides; every corner but the first and the last is the control point of a parabola. */
function rounded(corners: readonly Point[]): Point[] {
  const middle = (a: Point, b: Point) => ({ x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
  return corners.slice(1, -1).flatMap((corner, index) => {
    const [from, to] = [middle(corners[index]!, corner), middle(corner, corners[index + 2]!)];
    return Array.from({ length: PIECES + 1 }, (_, piece) => {
      const t = piece / PIECES;
      const along = (key: 'x' | 'y') => (1 - t) ** 2 * from[key] + 2 * t * (1 - t) * corner[key] + t ** 2 * to[key];
      return { x: along('x'), y: along('y') };
    });
  });
}

/** For a letter that is not drawn here. */
const BOX: Strokes = [strokeOf('000c6c6000')];

// biome-ignore format: a table
const GLYPHS: Readonly<Record<string, string>> = {
  A: '0c40408c 1878', B: '000c ~00707606 ~06868c0c', C: '~8380000c8c89', D: '000c ~00808c0c', E: '70000c7c 0656',
  F: '70000c 0656', G: '~8380000c8c87 8747', H: '000c 808c 0686', I: '0040 202c 0c4c', J: '5059 ~595c0c09',
  K: '000c 7007 347c', L: '000c6c', M: '0c0048808c', N: '0c008c80', O: '@80000c8c', P: '000c ~00707707',
  Q: '@80000c8c 598d', R: '000c ~00707707 377c', S: '~73700006767c0c09', T: '0080 404c', U: '0007 ~070c8c87 8780',
  V: '004c80', W: '003c527ca0', X: '007c 700c', Y: '004680 464c', Z: '00700c7c',
  a: '~0604646868 686c ~67070c6c69', b: '000c @04747c0c', c: '~6664040c6c6a', d: '707c @74040c7c', e: '0878 ~7874040c6c7a',
  f: '~502024 242c 0454', g: '@74040c7c 747d ~7d7g0g0f', h: '000c ~07046468 686c', i: '040c 0101', j: '343d ~3d3g0g 3131',
  k: '000c 6409 276c', l: '000a ~0a0c2c', m: '040c ~07045458 585c ~5754a4a8 a8ac', n: '040c ~07046468 686c', o: '@74040c7c',
  p: '040g @04747c0c', q: '747g @74040c7c', r: '040c ~080444', s: '~66640408686c0c0a', t: '2129 ~292c5c 0454',
  u: '0409 ~090c6c69 646c', v: '043c64', w: '043c557ca4', x: '046c 640c', y: '043c 641g', z: '04640c6c',
  0: '@70000c7c', 1: '03303c 0c6c', 2: '~030070760c 0c7c', 3: '~0200707636 ~36767c0c0a', 4: '5c500979',
  5: '601005 ~05757c0c0a', 6: '@75050c7c ~600009', 7: '00702c', 8: '@60101666 @76060c7c', 9: '@70000777 ~1c7c73',
  '.': '0c0c', ',': '1c1c0e', ':': '0505 0c0c', ';': '1515 1c1c0e', '-': '0747', '–': '0777', '−': '0767', '+': '0767 343a',
  '=': '0565 0969', _: '0e7e', '/': '500d', '\\': '005d', '|': '000e', '(': '~30030b3e', ')': '~00333b0e', '[': '30000e3e',
  ']': '00303e0e', '{': '~40202707 ~07272e4e', '}': '~00202747 ~47272e0e', '%': '@30000434 900c @98686c9c',
  '#': '202c 606c 0484 0888', '*': '3036 0165 0561', '!': '0008 0c0c', '?': '~0200606538 3c3c', "'": '0003', '"': '0003 3033',
  '<': '63076b', '>': '03670b', '&': '8c23 ~2320606306 ~060c6c87', '@': '@74343a7a ~747aaaa5a000000eae', $: '~73700006767c0c09 404c',
  '^': '033063', '`': '0022', '~': '~080535497976', '×': '056b 650b', '°': '@30000333', '…': '0c0c 4c4c 8c8c', '±': '0767 343a 0d6d',
  '·': '0707', '²': '~0100303205 0535', '→': '0787 5487 5a87', 'µ': '040g 0409 ~090c6c69 646c', 'μ': '040g 0409 ~090c6c69 646c',
  ß: '030c ~0300606535 ~35757c3c', '\u0300': '1032', '\u0301': '4022', '\u0302': '123052', '\u0303': '~021042315130', '\u0308': '1111 5151',
  '\u030a': '@40202242', '\u0327': '3c3e1f',
};
