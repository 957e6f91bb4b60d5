/** The configuration of a run as its folder has it, read once for each change of the file. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Settings } from '../../answers/summary.js';

export interface ReadSettings {
  /** Empty where there is no configuration. */
  readonly settings: Settings;
  /** Why it could not be read; else empty. */
  readonly problem: string;
}

const MOST_BYTES = 2 ** 20;
const read = new Map<string, { readonly mark: string; readonly result: ReadSettings }>();

export function readRunSettings(folder: string): ReadSettings {
  const path = join(folder, 'config.yaml');
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return { settings: {}, problem: '' };
  const mark = `${stats.mtimeMs} ${stats.size}`;
  const known = read.get(path);
  if (known?.mark === mark) return known.result;
  const result = parseSettings(path, stats.size);
  read.set(path, { mark, result });
  return result;
}

function parseSettings(path: string, size: number): ReadSettings {
  const broken = (problem: string) => ({ settings: {}, problem: `config.yaml ${problem}` });
  if (size > MOST_BYTES) return broken(`has ${size} bytes, more than a configuration can have`);
  try {
    // Aliases would let a small file grow without end.
    const content: unknown = parse(readFileSync(path, 'utf8'), { maxAliasCount: 0 });
    if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
      return { settings: content as Settings, problem: '' };
    }
    return broken('holds no settings: it is empty, or was cut short');
  } catch (error) {
    return broken(`cannot be read: ${(error as Error).message.split('\n')[0]}`);
  }
}

/**
 * What the list of runs shows of a configuration: the first level and one below it, as far as they are plain values or
 * lists of them. Parsing all of two hundred files takes seconds, so lines are looked at as the program itself writes
 * them, and whatever looks otherwise is parsed.
 */
export function outlineSettings(folder: string): ReadSettings {
  const path = join(folder, 'config.yaml');
  let text: string;
  try {
    if (statSync(path).size > MOST_BYTES) return readRunSettings(folder);
    text = readFileSync(path, 'utf8');
  } catch {
    return readRunSettings(folder);
  }
  const settings: Record<string, unknown> = {};
  let section: Record<string, unknown> = settings;
  let list: unknown[] = [];
  for (const line of text.split('\n')) {
    const [, indent, key, value, item] = /^(?:( {0,2})(\w+):(?: (.*))?| {4}- (.*))$/.exec(line) ?? [];
    if (item !== undefined) list.push(plainValue(item));
    if (key === undefined) continue;
    const target = indent === '' ? settings : section;
    if (value === undefined) {
      if (indent === '') settings[key] = section = {};
      else section[key] = list = [];
      continue;
    }
    if (/^[>|&*!]/.test(value)) return readRunSettings(folder);
    target[key] = plainValue(value);
  }
  const known = (typeof settings.method === 'string' || typeof settings.task === 'string') && 'schedule' in settings;
  return known ? { settings, problem: '' } : readRunSettings(folder);
}

function plainValue(text: string): unknown {
  if (/^-?\d+(\.\d+)?(e[-+]?\d+)?$/i.test(text)) return Number(text);
  if (text === 'null') return null;
  if (/^".*"$/.test(text)) return JSON.parse(text);
  return /^'.*'$/.test(text) ? text.slice(1, -1).replaceAll("''", "'") : text;
}
