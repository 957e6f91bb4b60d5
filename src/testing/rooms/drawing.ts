/** The drawing of the rooms: a table, and a picture of the rooms with the imports between them. */
import type { SourceFile } from './imports.js';
import { type Room, roomOf, rooms } from './layers.js';
import { type Link, layOut } from './layout.js';

/** Which rooms each room imports. */
export type Plan = ReadonlyMap<string, ReadonlySet<string>>;

export function planOf(imports: ReadonlyMap<string, SourceFile>): Plan {
  const plan = new Map<string, Set<string>>();
  for (const { file, files } of imports.values()) {
    const own = roomOf(file);
    const others = plan.get(own) ?? new Set<string>();
    for (const other of files) if (roomOf(other) !== own) others.add(roomOf(other));
    plan.set(own, others);
  }
  return plan;
}

/** The rooms that there are, the highest first. */
function present(plan: Plan): Room[] {
  return rooms.filter(({ name }) => plan.has(name)).sort((a, b) => b.level - a.level);
}

/** A row for each room. */
export function table(plan: Plan): string {
  const all = present(plan);
  const rows = all.map(({ name, purpose, anywhere }) => {
    const imported = all.filter((other) => plan.get(name)!.has(other.name)).map((other) => other.name);
    const folder = name === 'index' ? '`src/index.ts`' : `\`src/${name}\``;
    return `| ${folder} | ${purpose} | ${anywhere ? 'anywhere' : 'Node'} | ${imported.join(', ')} |`;
  });
  return ['| room | what is in it | runs | imports |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** The imports that go down and that no others imply: what a longer way reaches is left out. */
function essential(plan: Plan): Link[] {
  const level = new Map(rooms.map((room) => [room.name, room.level]));
  const below = (from: string) => [...(plan.get(from) ?? [])].filter((to) => level.get(from)! > level.get(to)!);
  const reaches = (from: string, to: string): boolean =>
    below(from).some((next) => next === to || (level.get(next)! > level.get(to)! && reaches(next, to)));
  return [...plan.keys()].flatMap((from) =>
    below(from)
      .filter((to) => !below(from).some((by) => by !== to && reaches(by, to)))
      .map((to) => [from, to] as const),
  );
}

const BOX = { width: 112, height: 34 };
const ROW = 78;
const MARGIN = 16;

/** The picture, the highest room at the top. */
export function svg(plan: Plan): string {
  const all = present(plan);
  const { places, ways, width, rows } = layOut(
    all.map(({ name }) => name),
    essential(plan),
    { room: BOX.width + 28, passage: 30 },
  );
  const size = { width: width + 2 * MARGIN, height: (rows - 1) * ROW + BOX.height + 2 * MARGIN };
  const x = (name: string) => MARGIN + places.get(name)!.x;
  const y = (name: string) => MARGIN + places.get(name)!.row * ROW;
  const lines = ways.map((way) => {
    const [first, ...rest] = way;
    let path = `M${x(first!)} ${y(first!) + BOX.height}`;
    let above = y(first!) + BOX.height;
    for (const [index, name] of rest.entries()) {
      const last = index === rest.length - 1;
      const [from, to] = [x(way[index]!), x(name)];
      const end = y(name) - (last ? 3 : 0);
      const middle = (above + end) / 2;
      path += ` C${from} ${middle} ${to} ${middle} ${to} ${end}`;
      if (!last) path += ` V${y(name) + BOX.height}`;
      above = y(name) + BOX.height;
    }
    return `<path d="${path}" marker-end="url(#tip)"/>`;
  });
  const boxes = all.map(({ name, anywhere }) => {
    const [left, top] = [x(name) - BOX.width / 2, y(name)];
    const kind = anywhere ? 'anywhere' : 'node';
    const box = `<rect x="${left}" y="${top}" width="${BOX.width}" height="${BOX.height}" rx="5" class="${kind}"/>`;
    return `${box}<text x="${x(name)}" y="${top + BOX.height / 2 + 5}">${name}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size.width} ${size.height}" width="${size.width}" height="${size.height}">`,
    '<title>The rooms of src/ and the imports between them</title>',
    '<style>rect{stroke:#475569}.anywhere{fill:#dbeafe}.node{fill:#f1f5f9}',
    'text{font:14px system-ui,sans-serif;text-anchor:middle;fill:#0f172a}path{fill:none;stroke:#94a3b8;stroke-width:1.2}</style>',
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">',
    '<path d="M0 0 8 4 0 8z" style="fill:#94a3b8;stroke:none"/></marker></defs>',
    `<rect width="${size.width}" height="${size.height}" style="fill:#fff;stroke:none"/>`,
    ...lines,
    ...boxes,
    '</svg>',
    '',
  ].join('\n');
}
