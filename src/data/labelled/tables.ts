/** Reading the JSON and CSV files of datasets, with errors that name the file. */
import { join } from 'node:path';
import { InputError } from '../../core/errors.js';
import { isEntry } from '../stats.js';
import { parseFile, readText } from '../text-file.js';
import { classNames, type JsonObject } from './class-names.js';

export { classNames, type JsonObject } from './class-names.js';

/** The object in a JSON file; undefined where the file is absent. @throws InputError ('data') for anything else. */
export function readJson(path: string): JsonObject | undefined {
  if (!isEntry(path)) return undefined;
  const content = parseFile(path);
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as JsonObject;
  throw new InputError(
    'data',
    `${path}: expected an object, found ${Array.isArray(content) ? 'a list' : typeof content}`,
  );
}

/**
 * The lines `ID,class` of a CSV file; a header is passed over. Undefined where the file is absent.
 * @throws InputError ('data') for another line, or an ID that is there twice
 */
export function readClassTable(path: string): JsonObject | undefined {
  if (!isEntry(path)) return undefined;
  const classes = new Map<string, number>();
  for (const [index, line] of readText(path).split(/\r?\n/).entries()) {
    const [id = '', label = ''] = line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    const isClass = id !== '' && /^\d{1,9}$/.test(label);
    if (isClass && !classes.has(id)) classes.set(id, Number(label));
    else if (line.trim() !== '' && (index > 0 || isClass)) {
      const found = isClass ? `a second line for "${id}"` : JSON.stringify(line.slice(0, 60));
      throw new InputError(
        'data',
        `${path}, line ${index + 1}: expected a name and its class as ID,0 or ID,1, found ${found}`,
        'One line for each image, with a comma and a whole number from 0; the first line may be a header.',
      );
    }
  }
  return Object.fromEntries(classes);
}

/** Names of the classes in the `dataset.json` of a folder (`classes` or `labels`); none where there is no such file. */
export function classNamesIn(folder: string): string[] {
  const path = join(folder, 'dataset.json');
  const content = readJson(path);
  return classNames(path, content?.classes ?? content?.labels);
}
