/** What the imports do that the rules of the house do not allow, each as a line of text. */
import { posix } from 'node:path';
import type { SourceFile } from './imports.js';
import { isOfNode, roomOf, rooms, siblings } from './layers.js';

type Imports = ReadonlyMap<string, SourceFile>;

const roomNamed = new Map(rooms.map((room) => [room.name, room]));

/** Folders of src/ without a level. */
export function unknownRooms(imports: Imports): string[] {
  return [...new Set([...imports.keys()].map(roomOf))].filter((name) => !roomNamed.has(name));
}

/** Imports of a room that does not lie below: `a/x.ts → b/y.ts`. */
export function upwardArrows(imports: Imports): string[] {
  return arrows(imports, (from, to) => {
    const [own, other] = [roomNamed.get(roomOf(from)), roomNamed.get(roomOf(to))];
    return own !== other && own !== undefined && other !== undefined && other.level >= own.level;
  });
}

/** The folder of a method, task or format that a file is of. */
function leafOf(file: string): string | null {
  const parent = siblings.find((folder) => file.startsWith(`${folder}/`));
  if (parent === undefined) return null;
  const [leaf, ...rest] = file.slice(parent.length + 1).split('/');
  return rest.length > 0 ? `${parent}/${leaf}` : null;
}

/** Imports of a method of pretraining from outside of its folder, but for the registry's. */
export function namedMethods(imports: Imports): string[] {
  const methodOf = (file: string) => (file.startsWith('pretrain/') ? leafOf(file) : null);
  return arrows(
    imports,
    (from, to) => methodOf(to) !== null && methodOf(from) === null && from !== 'pretrain/registry.ts',
  );
}

/** Imports from one method, task or format to another. */
export function sidewaysArrows(imports: Imports): string[] {
  return arrows(imports, (from, to) => {
    const [own, other] = [leafOf(from), leafOf(to)];
    return own !== null && other !== null && own !== other && posix.dirname(own) === posix.dirname(other);
  });
}

function arrows(imports: Imports, wrong: (from: string, to: string) => boolean): string[] {
  return [...imports.values()].flatMap(({ file, files }) =>
    files.filter((other) => wrong(file, other)).map((other) => `${file} → ${other}`),
  );
}

/** Files that are part of a circle of imports. */
export function circlesOfFiles(imports: Imports): string[] {
  return circles(new Map([...imports.values()].map(({ file, files }) => [file, files])));
}

/** Folders that are part of a circle. A folder and one inside of it are one idea, and may know each other. */
export function circlesOfFolders(imports: Imports): string[] {
  const folders = new Map<string, Set<string>>();
  const within = (inner: string, outer: string) => outer === '.' || `${inner}/`.startsWith(`${outer}/`);
  for (const { file, files } of imports.values()) {
    const own = posix.dirname(file);
    const others = folders.get(own) ?? new Set();
    for (const other of files.map((name) => posix.dirname(name))) {
      if (!within(own, other) && !within(other, own)) others.add(other);
    }
    folders.set(own, others);
  }
  return circles(new Map([...folders].map(([name, others]) => [name, [...others]])));
}

/** Files of rooms that work anywhere and yet reach Node at run time. */
export function ofNode(imports: Imports): string[] {
  return [...imports.keys()].filter(
    (file) => roomNamed.get(roomOf(file))?.anywhere && wayToNode(imports, file) !== null,
  );
}

/** The shortest way from a file to a module of Node, `['y.ts', 'node:fs']`, or null. */
export function wayToNode(imports: Imports, start: string): string[] | null {
  const ways: string[][] = [[start]];
  const seen = new Set([start]);
  for (const way of ways) {
    const { atRunTime, packages } = imports.get(way.at(-1)!)!;
    const found = packages.find(isOfNode);
    if (found) return [...way.slice(1), found];
    for (const next of atRunTime) {
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return null;
}

/** The members of the strongly connected parts of more than one, by Tarjan's algorithm. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[] = [];
  const visit = (node: string) => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node)!, low.get(next)!));
    }
    if (low.get(node) !== index.get(node)) return;
    const part = stack.splice(stack.indexOf(node));
    if (part.length > 1) found.push(...part);
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return found.sort();
}
