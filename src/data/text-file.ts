/**
 * The text files of a dataset (lists, tables, JSON, YAML), with errors that name the file and say what was found
 * instead.
 */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { InputError } from '../core/errors.js';
import { foundInstead } from '../image/unreadable.js';

/**
 * The text of a file in UTF-8, without a byte order mark.
 * @throws InputError ('data') when it cannot be read or holds a NUL byte, as UTF-16 and binary files do
 */
export function readText(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    throw new InputError(
      'data',
      `${path}: expected a text file, found ${foundInstead(cause)}`,
      'Check the path and its permissions.',
      { cause },
    );
  }
  const at = text.indexOf('\0');
  if (at < 0) return text;
  throw new InputError(
    'data',
    `${path}: expected text in UTF-8, found a NUL byte behind ${at} characters`,
    'Save it as UTF-8; UTF-16 and binary files are not read.',
  );
}

/** The lines of a list: without spaces around them, empty ones and those that begin with `#`. */
export function readLines(path: string): string[] {
  return readText(path)
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/**
 * The content of a JSON file, or of a YAML file by its extension.
 * @throws InputError ('data') when it cannot be parsed, or an object has a key twice
 */
export function parseFile(path: string): unknown {
  const text = readText(path);
  const isYaml = /^\.ya?ml$/i.test(extname(path));
  let content: unknown;
  try {
    content = isYaml ? parseYaml(text) : JSON.parse(text);
  } catch (cause) {
    throw new InputError(
      'data',
      `${path}: could not be parsed (${(cause as Error).message.split('\n')[0]})`,
      'Mend the file at the named place.',
      { cause },
    );
  }
  const twice = isYaml ? undefined : repeatedKey(text);
  if (twice === undefined) return content;
  throw new InputError(
    'data',
    `${path}: expected each name once in an object, found ${JSON.stringify(twice)} twice`,
    'Keep the entry that is meant.',
  );
}

/** The first key that an object of a JSON text has twice: of those, `JSON.parse` gives the last. YAML forbids them. */
function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  for (const [found, colon] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}[\]]/g)) {
    if (found === '{' || found === '[') open.push(found === '{' ? new Set() : null);
    else if (found === '}' || found === ']') open.pop();
    else if (colon !== undefined) {
      const key = JSON.parse(found.slice(0, -colon.length)) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}
