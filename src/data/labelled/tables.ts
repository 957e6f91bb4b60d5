/** Reading the JSON and CSV files of datasets, with errors that name the file. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../core/errors.js';
import { parseFile, readText } from '../text-file.js';
import { classNames, type JsonObject } from './class-names.js';

export { classNames, type JsonObject } from './class-names.js';

/** The object in a JSON file; undefined where the file is absent. @throws InputError ('data') for anything else. */
export function readJson(path: string): JsonObject | undefined {
  if (!existsSync(path)) return undefined;
  const content = parseFile(path);
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as JsonObject;
  throw new InputError(
    'data',
    `${path}: expected an object, found ${Array.isArray(content) ? 'a list' : typeof content}`,
  );
}

/** The lines `ID,class` of a CSV file; a header is passed over. Undefined where the file is absent. */
export function readClassTable(path: string): JsonObject | undefined {
  if (!existsSync(path)) return undefined;
  const lines = readText(path).split(/\r?\n/);
  const rows = lines.filter((line) => line.trim() !== '').map((line) => line.split(',').map((cell) => cell.trim()));
  return Object.fromEntries(rows.flatMap(([id, label]) => (/^\d+$/.test(label ?? '') ? [[id, Number(label)]] : [])));
}

/** Names of the classes in the `dataset.json` of a folder (`classes` or `labels`); none where there is no such file. */
export function classNamesIn(folder: string): string[] {
  const path = join(folder, 'dataset.json');
  const content = readJson(path);
  return classNames(path, content?.classes ?? content?.labels);
}
