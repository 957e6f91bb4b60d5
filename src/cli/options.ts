/** Options that several commands share, and how their text is read. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { devices } from '../engine/index.js';
import { type Level, levels, type Point } from '../use/index.js';

/** `--device` and `--threads`. */
export interface EngineFlags {
  readonly device: (typeof devices)[number];
  readonly threads: number;
  readonly ignoreMemory?: boolean;
}

/** `--size` and `--scale`. */
export interface SizeFlags {
  readonly size?: readonly number[];
  readonly scale?: number;
}

export const deviceOption = () => new Option('--device <name>', 'where it computes').choices(devices).default('cpu');

export const threadsOption = () =>
  new Option('--threads <count>', 'threads within an operator; 0 is OMP_NUM_THREADS or one per core')
    .default(0)
    .argParser(wholeNumber);

/** `--device`, `--threads` and `--ignore-memory`. */
export function withEngine(command: Command): Command {
  return command
    .addOption(deviceOption())
    .addOption(threadsOption())
    .option('--ignore-memory', 'try what seems not to fit into the memory');
}

export const scaleOption = () =>
  new Option('--scale <factor>', 'scale by a factor instead; 1 is its own size').argParser(positive);

/** `--size` of commands that take two images, or two volumes. */
export const pairSizeOption = () =>
  new Option('--size <extents>', 'resize both to height,width or z,y,x (default: as in training)').argParser(extents);

/** `H,W` in whole pixels, or `z,y,x` in whole voxels. */
export function extents(text: string): number[] {
  const size = numbers(text);
  const known = size.length === 2 || size.length === 3;
  if (!known || !size.every((extent) => Number.isInteger(extent) && extent >= 1 && extent <= 65536)) {
    throw new InvalidArgumentError(
      `Expected height,width in pixels, such as 384,320, or z,y,x in voxels; found "${text}".`,
    );
  }
  return size;
}

/** `x,y` or, of volumes, `z,y,x`, added to the points before it. */
export function point(text: string, all: readonly Point[] = []): Point[] {
  const values = numbers(text);
  if ((values.length !== 2 && values.length !== 3) || !values.every(Number.isFinite)) {
    throw new InvalidArgumentError(
      `Expected column,row in pixels, such as 120,80, or z,y,x in voxels; found "${text}".`,
    );
  }
  if (values.length === 2) return [...all, { x: values[0]!, y: values[1]! }];
  return [...all, { z: values[0]!, y: values[1]!, x: values[2]! }];
}

/** Decoder levels with commas between them. */
export function levelNumbers(text: string): Level[] {
  const wanted = new Set(numbers(text));
  if (![...wanted].every((number) => (levels as readonly number[]).includes(number))) {
    throw new InvalidArgumentError(`Expected numbers from 0 to 4, such as 3,4; found "${text}".`);
  }
  return [...wanted] as Level[];
}

/** A whole number from 0. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`Expected a whole number from 0, found "${text}".`);
  return Number(text);
}

/** A whole number from 1. */
export function count(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError(`Expected a whole number from 1, found "${text}".`);
  return Number(text);
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError(`Expected a number above 0, found "${text}".`);
  return value;
}

/** Numbers with commas between them; NaN for what is none. */
function numbers(text: string): number[] {
  return text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
}
