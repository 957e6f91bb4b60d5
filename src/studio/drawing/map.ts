/**
 * A label map that is drawn in: a class for every pixel, 255 where nobody painted. It is a plane of an array, the only
 * one of an image or one of many of a volume. Every change goes through `paint`, which gives back what is needed to
 * take it back. Nothing here knows a page.
 */
import type { Layout } from '../../report/planes.js';

export const UNPAINTED = 255;
/** In changes of a map: a pixel that stays as it is. */
export const KEPT = 254;

export interface LabelMap extends Layout {
  /** Of the whole image or volume. */
  readonly data: Uint8Array<ArrayBuffer>;
}

export function emptyMap(width: number, height: number): LabelMap {
  return wholeMap([height, width], new Uint8Array(width * height).fill(UNPAINTED));
}

/** An array `[...S]` as one map of all its rows, below one another. */
export function wholeMap(shape: readonly number[], data: Uint8Array<ArrayBuffer>): LabelMap {
  const width = shape.at(-1)!;
  return { width, height: data.length / width, start: 0, right: 1, down: width, data };
}

/** The plane of an array of labels. */
export function mapIn({ width, height, start, right, down }: Layout, data: Uint8Array<ArrayBuffer>): LabelMap {
  return { width, height, start, right, down, data };
}

/** A box of pixels, the far edges not included. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A change: what was in a box of a map, and what is there now. */
export interface Change {
  readonly map: LabelMap;
  readonly box: Box;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Pixels that are in, and the box that they lie in. */
export interface Region {
  readonly box: Box;
  /** 1 for pixels that are in, of the box, row after row. */
  readonly inside: Uint8Array;
}

/**
 * Gives the pixels of a region a class.
 * @param only pixels of these classes are changed; all where absent
 * @returns undefined where nothing changed
 */
export function paint(map: LabelMap, region: Region, label: number, only?: ReadonlySet<number>): Change | undefined {
  const { box, inside } = region;
  const before = cut(map, box);
  let changed = false;
  const columns = box.right - box.left;
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      if (inside[(y - box.top) * columns + x - box.left] === 0) continue;
      const pixel = map.start + y * map.down + x * map.right;
      const found = map.data[pixel] as number;
      if (found === label || (only && !only.has(found))) continue;
      map.data[pixel] = label;
      changed = true;
    }
  }
  return changed ? { map, box, before, after: cut(map, box) } : undefined;
}

/** Takes other labels over as a whole; the change keeps the rows that differ. @param map as `wholeMap` gives it */
export function replace(map: LabelMap, data: Uint8Array): Change | undefined {
  const { width, data: own } = map;
  let [first, last] = [0, own.length - 1];
  while (first <= last && own[first] === data[first]) first++;
  if (first > last) return undefined;
  while (own[last] === data[last]) last--;
  const box = { left: 0, top: Math.floor(first / width), right: width, bottom: Math.floor(last / width) + 1 };
  const before = cut(map, box);
  own.set(data);
  return { map, box, before, after: cut(map, box) };
}

function cut({ start, right: step, down, data }: LabelMap, { left, top, right, bottom }: Box): Uint8Array {
  const part = new Uint8Array((right - left) * (bottom - top));
  let target = 0;
  for (let y = top; y < bottom; y++) {
    let at = start + y * down + left * step;
    for (let x = left; x < right; x++, at += step) part[target++] = data[at]!;
  }
  return part;
}

function put({ start, right: step, down, data }: LabelMap, { left, top, right, bottom }: Box, part: Uint8Array): void {
  let source = 0;
  for (let y = top; y < bottom; y++) {
    let at = start + y * down + left * step;
    for (let x = left; x < right; x++, at += step) data[at] = part[source++]!;
  }
}

/** Undo and redo, without end: a change keeps its box alone. */
export class History {
  readonly #done: Change[] = [];
  readonly #undone: Change[] = [];

  add(change: Change | undefined): void {
    if (!change) return;
    this.#done.push(change);
    this.#undone.length = 0;
  }

  /** Joins the changes since a mark, such as those of one stroke in one plane, into one. */
  join(mark: number): void {
    const parts = this.#done.splice(mark);
    const map = parts[0]?.map;
    if (!map) return;
    const box = parts.map((part) => part.box).reduce(around);
    const after = cut(map, box);
    for (const { box: own, before } of parts.toReversed()) put(map, own, before);
    const before = cut(map, box);
    put(map, box, after);
    this.#done.push({ map, box, before, after });
  }

  /** Forgets all changes: the map is another one now. */
  clear(): void {
    this.#done.length = 0;
    this.#undone.length = 0;
  }

  get mark(): number {
    return this.#done.length;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  undo(): boolean {
    const change = this.#done.pop();
    if (!change) return false;
    put(change.map, change.box, change.before);
    this.#undone.push(change);
    return true;
  }

  redo(): boolean {
    const change = this.#undone.pop();
    if (!change) return false;
    put(change.map, change.box, change.after);
    this.#done.push(change);
    return true;
  }
}

function around(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

/** What makes one map another: `KEPT` where both have the same. */
export function changesOf(from: Uint8Array, to: Uint8Array): Uint8Array<ArrayBuffer> {
  return to.map((value, pixel) => (value === from[pixel] ? KEPT : value));
}

/** Changes laid over a map; without one, over nothing painted. A map is a change of all its pixels. */
export function changedBy(from: Uint8Array | undefined, changes: Uint8Array): Uint8Array<ArrayBuffer> {
  return changes.map((value, pixel) => (value === KEPT ? (from?.[pixel] ?? UNPAINTED) : value));
}

/** A map as text, short where it is of few pieces: class and length by turns. */
export function packed(data: Uint8Array): string {
  const parts: string[] = [];
  for (let from = 0; from < data.length; ) {
    let until = from + 1;
    while (until < data.length && data[until] === data[from]) until++;
    parts.push(`${(data[from] as number).toString(36)}:${(until - from).toString(36)}`);
    from = until;
  }
  return parts.join(',');
}

/** Undefined for a text that is no map of so many pixels. */
export function unpacked(text: string, length: number): Uint8Array<ArrayBuffer> | undefined {
  const data = new Uint8Array(length);
  let at = 0;
  for (const part of text.split(',')) {
    const [label = Number.NaN, count = Number.NaN] = part.split(':').map((one) => Number.parseInt(one, 36));
    if (!(label >= 0 && label <= 255 && count > 0 && at + count <= length)) return undefined;
    data.fill(label, at, at + count);
    at += count;
  }
  return at === length ? data : undefined;
}
