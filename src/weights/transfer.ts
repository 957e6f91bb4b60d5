/**
 * Moves pretrained weights into a network by name and shape, and says what happened to every parameter. Nothing is
 * matched loosely: a parameter is loaded only where its name and its shape are the same.
 */
import { counted } from '../core/counted.js';
import { InputError } from '../core/errors.js';
import { firstFewLines } from '../core/lists.js';
import type { Tensor } from '../core/tensor.js';
import { keepEnd } from '../core/wrap.js';
import { plain } from './quote.js';

/** A parameter whose name is in both but whose shape differs. */
export interface ShapeMismatch {
  readonly name: string;
  readonly expected: readonly number[];
  readonly found: readonly number[];
}

export interface TransferReport {
  /** Parameters of the network that were loaded, in the network's order. */
  readonly loaded: readonly string[];
  /** Parameters of the network that the source has not; they keep their initial values. */
  readonly missing: readonly string[];
  /** Parameters of the network that the source has in another shape; they keep their initial values. */
  readonly mismatched: readonly ShapeMismatch[];
  /** Tensors of the source that the network has no parameter for. */
  readonly unused: readonly string[];
}

export interface TransferResult extends TransferReport {
  /** The loaded tensors by name; they share their memory with the source. */
  readonly tensors: Map<string, Tensor>;
}

/**
 * Finds a tensor in `source` for every parameter of `target`.
 * @param target The shape of every parameter of the network, by name.
 * @throws InputError ('weights') when no parameter could be loaded: a run from scratch must not pass for a pretrained
 * one.
 */
export function transfer(
  source: ReadonlyMap<string, Tensor>,
  target: ReadonlyMap<string, readonly number[]>,
): TransferResult {
  const tensors = new Map<string, Tensor>();
  const missing: string[] = [];
  const mismatched: ShapeMismatch[] = [];
  for (const [name, expected] of target) {
    const found = source.get(name);
    if (found === undefined) missing.push(name);
    else if (sameShape(expected, found.shape)) tensors.set(name, found);
    else mismatched.push({ name, expected, found: found.shape });
  }
  const unused = [...source.keys()].filter((name) => !target.has(name));
  if (tensors.size === 0) throw nothingMatches(source, target, mismatched);
  return { tensors, loaded: [...tensors.keys()], missing, mismatched, unused };
}

const WIDTH = 80;
/** Of each kind, this many names are listed. */
const LISTED = 10;

/** The report as lines of at most 80 columns, without a newline at the end. */
export function formatTransferReport({ loaded, missing, mismatched, unused }: TransferReport): string {
  const total = loaded.length + missing.length + mismatched.length;
  const lines = [`loaded ${loaded.length} of ${total} parameters`];
  section(lines, 'not in the source, keep their initial values', missing);
  section(
    lines,
    'of another shape, keep their initial values',
    mismatched.map(({ name, expected, found }) => `${name}: expected ${show(expected)}, found ${show(found)}`),
  );
  section(lines, 'in the source but not in the network, not used', unused);
  return lines.join('\n');
}

function section(lines: string[], title: string, items: readonly string[]): void {
  if (items.length === 0) return;
  // The names of one network and the shapes differ at their ends.
  const linesOf = (item: string) => [`  ${keepEnd(plain(item), WIDTH - 2)}`];
  lines.push(`${items.length} ${title}:`, ...firstFewLines(items, LISTED, linesOf));
}

/** @param mismatched parameters of the network that the source has in another shape */
export function nothingMatches(
  source: ReadonlyMap<string, Tensor>,
  target: ReadonlyMap<string, readonly number[]>,
  mismatched: readonly ShapeMismatch[],
): InputError {
  const first = mismatched[0];
  const found = first
    ? `the shape differs for ${counted(mismatched.length, 'name')}, such as ${plain(first.name)}: expected ` +
      `${show(first.expected)}, found ${show(first.found)}`
    : `expected names such as ${firstNames(target)}; found ${firstNames(source)}`;
  return new InputError(
    'weights',
    `the weights do not fit the network of ${target.size} parameters: ${found}`,
    first ? 'Build the network with the widths of the pretrained one.' : 'Choose the weights of the same network.',
  );
}

function firstNames(map: ReadonlyMap<string, unknown>): string {
  return map.size === 0 ? 'nothing' : plain([...map.keys()].slice(0, 3).join(', '));
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

function show(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
