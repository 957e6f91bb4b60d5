/** What the readers of files had to assume, undo or repair, and what looks wrong though a file can be used. */
import { firstFewLines } from '../core/lists.js';
import { printable } from '../core/printable.js';
import { keepEnd, wrapWords } from '../core/wrap.js';

/** Of one file, a sentence each. */
export interface FileWarnings {
  readonly file: string;
  readonly warnings: readonly string[];
}

/** Called with what is to be told of a file that was read; not called where there is nothing. */
export type OnWarnings = (file: string, warnings: readonly string[]) => void;

/** What is told while many files are read, in whatever order and however often: each file once, sorted by name. */
export function collectWarnings(): { readonly note: OnWarnings; list(): FileWarnings[] } {
  const found = new Map<string, readonly string[]>();
  return {
    note: (file, warnings) => void found.set(file, warnings),
    list: () => [...found.keys()].sort().map((file) => ({ file, warnings: found.get(file)! })),
  };
}

/** Lines of at most `width` columns: the first files with their warnings, and how many more there are. */
export function warningLines(list: readonly FileWarnings[], { width = 80, most = 5 } = {}): string[] {
  return firstFewLines(list, most, ({ file, warnings }) => [
    `  ${keepEnd(printable(file), width - 2)}`,
    ...warnings.flatMap((warning) => wrapWords(warning, width - 4)).map((line) => `    ${line}`),
  ]);
}
