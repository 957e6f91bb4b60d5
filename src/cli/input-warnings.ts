/** What a reader had to assume of a volume, told with what was made of it: missing slices, values that are no numbers. */
import { basename } from 'node:path';
import { printable } from '../core/printable.js';
import type { CaseInput } from '../data/labelled/index.js';
import type { Output } from './output.js';

export function tellWarnings(output: Output, path: string, input: CaseInput): void {
  if (!('image' in input)) return;
  for (const warning of input.stored.warnings) output.warn(`note: ${printable(basename(path))}: ${warning}`);
}
