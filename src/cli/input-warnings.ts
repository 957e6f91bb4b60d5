/** What readers had to assume of files (missing slices, values that are no numbers), told beside the results. */
import { basename } from 'node:path';
import { printable } from '../core/printable.js';
import { collectWarnings, type OnWarnings, warningLines } from '../data/warnings.js';
import type { Output } from './output.js';

/** Tells it of each file as it is read. */
export function warningsTo(output: Output): OnWarnings {
  return (path, warnings) => {
    for (const warning of warnings) output.warn(`note: ${printable(`${basename(path)}: ${warning}`)}`);
  };
}

/** Tells it of many files at the end: how many there are, and the first of them. */
export function warningsAtEnd(): { readonly note: OnWarnings; tell(warn: (text: string) => void): void } {
  const { note, list } = collectWarnings();
  return {
    note,
    tell(warn) {
      const warned = list();
      if (warned.length > 0) warn([`note: worth a look: ${warned.length} files`, ...warningLines(warned)].join('\n'));
    },
  };
}
