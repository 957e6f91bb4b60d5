/**
 * A label map that is drawn in: a class for every pixel, 255 where nobody painted, row after row. Every change goes
 * through `paint`, which gives back what is needed to take it back. Nothing here knows a page.
 */
export const UNPAINTED = 255;

export interface LabelMap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

export function emptyMap(width: number, height: number): LabelMap {
  return { width, height, data: new Uint8Array(width * height).fill(UNPAINTED) };
}

/** A box of pixels, the far edges not included. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** A change: what was in a box, and what is there now. */
export interface Change {
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
      const pixel = y * map.width + x;
      const found = map.data[pixel] as number;
      if (found === label || (only && !only.has(found))) continue;
      map.data[pixel] = label;
      changed = true;
    }
  }
  return changed ? { box, before, after: cut(map, box) } : undefined;
}

/** Takes another map over as a whole. */
export function replace(map: LabelMap, data: Uint8Array): Change | undefined {
  const box = { left: 0, top: 0, right: map.width, bottom: map.height };
  const before = cut(map, box);
  if (before.every((value, pixel) => value === data[pixel])) return undefined;
  map.data.set(data);
  return { box, before, after: cut(map, box) };
}

function cut({ width, data }: LabelMap, { left, top, right, bottom }: Box): Uint8Array {
  const columns = right - left;
  const part = new Uint8Array(columns * (bottom - top));
  for (let y = top; y < bottom; y++) {
    part.set(data.subarray(y * width + left, y * width + right), (y - top) * columns);
  }
  return part;
}

function put({ width, data }: LabelMap, { left, top, right, bottom }: Box, part: Uint8Array): void {
  const columns = right - left;
  for (let y = top; y < bottom; y++) {
    data.set(part.subarray((y - top) * columns, (y - top + 1) * columns), y * width + left);
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

  /** Joins the changes since a mark, such as those of one stroke, into one. */
  join(mark: number, map: LabelMap): void {
    const parts = this.#done.splice(mark);
    if (parts.length === 0) return;
    const box = parts.map((part) => part.box).reduce(around);
    const after = cut(map, box);
    for (const { box: own, before } of parts.toReversed()) put(map, own, before);
    const before = cut(map, box);
    put(map, box, after);
    this.#done.push({ box, before, after });
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

  undo(map: LabelMap): boolean {
    const change = this.#done.pop();
    if (!change) return false;
    put(map, change.box, change.before);
    this.#undone.push(change);
    return true;
  }

  redo(map: LabelMap): boolean {
    const change = this.#undone.pop();
    if (!change) return false;
    put(map, change.box, change.after);
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
