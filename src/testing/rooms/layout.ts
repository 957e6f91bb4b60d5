/**
 * A layered layout (Sugiyama, Tagawa and Toda 1981): a node lies one row above the highest node that it leads to, a
 * link over several rows passes through a place of its own in each, and the order within a row follows the mean of the
 * neighbours.
 */

export type Link = readonly [from: string, to: string];

export interface Layout {
  /** The middle of a node or passage, and its row from the top. */
  readonly places: ReadonlyMap<string, { readonly x: number; readonly row: number }>;
  /** The nodes and passages that each link goes through. */
  readonly ways: readonly (readonly string[])[];
  readonly width: number;
  readonly rows: number;
}

const SWEEPS = 24;

/** @param links lead downwards, without circles; @param widths of a node and of a passage beside it */
export function layOut(
  nodes: readonly string[],
  links: readonly Link[],
  widths: { readonly room: number; readonly passage: number },
): Layout {
  const heights = new Map<string, number>();
  const heightOf = (node: string): number => {
    const known = heights.get(node);
    if (known !== undefined) return known;
    const below = links.filter(([from]) => from === node).map(([, to]) => heightOf(to) + 1);
    const height = Math.max(0, ...below);
    heights.set(node, height);
    return height;
  };
  const top = Math.max(...nodes.map(heightOf));
  const rows: string[][] = Array.from({ length: top + 1 }, () => []);
  for (const node of nodes) rows[top - heightOf(node)]!.push(node);
  const ways = links.map(([from, to]) => {
    const passages: string[] = [];
    for (let row = top - heightOf(from) + 1; row < top - heightOf(to); row++) {
      const passage = `${from} to ${to} in ${row}`;
      rows[row]!.push(passage);
      passages.push(passage);
    }
    return [from, ...passages, to];
  });
  const neighbours = new Map<string, string[]>();
  for (const way of ways) {
    for (let at = 1; at < way.length; at++) {
      const [a, b] = [way[at - 1]!, way[at]!];
      neighbours.set(a, [...(neighbours.get(a) ?? []), b]);
      neighbours.set(b, [...(neighbours.get(b) ?? []), a]);
    }
  }
  const widthOf = (name: string) => (heights.has(name) ? widths.room : widths.passage);
  const rowWidth = (row: readonly string[]) => row.reduce((sum, name) => sum + widthOf(name), 0);
  const width = Math.max(...rows.map(rowWidth));
  const xs = new Map<string, number>();
  const spread = (row: readonly string[]) => {
    let left = (width - rowWidth(row)) / 2;
    for (const name of row) {
      xs.set(name, left + widthOf(name) / 2);
      left += widthOf(name);
    }
  };
  rows.forEach(spread);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const row of sweep % 2 === 0 ? rows : rows.toReversed()) {
      const wanted = new Map(row.map((name) => [name, mean((neighbours.get(name) ?? [name]).map((n) => xs.get(n)!))]));
      row.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
      spread(row);
    }
  }
  const places = new Map(
    rows.flatMap((row, index) => row.map((name) => [name, { x: xs.get(name)!, row: index }] as const)),
  );
  return { places, ways, width, rows: rows.length };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
