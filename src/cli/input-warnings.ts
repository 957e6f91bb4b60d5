/** What a reader had to assume of a volume (missing slices, values that are no numbers), told beside its results. */
import { basename } from 'node:path';
import { printable } from '../core/printable.js';
import type { CaseInput } from '../data/labelled/index.js';
import type { Output } from './output.js';

export function tellWarnings(output: Output, path: string, input: CaseInput): void {
  if (!('image' in input)) return;
  for (const warning of input.stored.warnings) output.warn(`note: ${printable(`${basename(path)}: ${warning}`)}`);
}
