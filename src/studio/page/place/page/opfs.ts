/** Where things lie in the browser's private file system: `data/`, `runs/` and `labels/`, as folders lie under Node. */

import { OpfsStore } from '../../../../browser/opfs-store';
import { InputError } from '../../../../core/errors';
import { parsedJson } from '../../../../core/json';

/** The whole of it; paths begin with one of the three folders. */
export const files = new OpfsStore('');

/** A name that becomes a folder or a file. @throws InputError ('file') */
export function checkedName(name: string, what: string): string {
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u.test(name) && !name.includes('..')) return name;
  throw new InputError(
    'file',
    `${name}: expected a name of letters, digits, spaces, dots, dashes and underscores`,
    `Give the ${what} another name.`,
  );
}

/** Undefined where there is no such file. */
export async function readText(path: string): Promise<string | undefined> {
  const bytes = await files.read(path);
  return bytes ? new TextDecoder().decode(bytes) : undefined;
}

export async function readJson(path: string): Promise<unknown> {
  return parsedJson(await readText(path));
}

export function writeJson(path: string, content: unknown): Promise<void> {
  return files.write(path, `${JSON.stringify(content, null, 2)}\n`);
}
