/**
 * A configuration that a file of weights holds. What it does not name is not what a new run takes, but what was done
 * when the file was written.
 */

import { parsedJson } from '../core/json.js';

/** What held before a setting existed. */
const BEFORE = {
  /** Images were interpolated alone where they became smaller. */
  antialias: false,
} as const;

/** The base of a configuration file that a run has written. */
export const storedBase = { data: BEFORE } as const;

/**
 * @param content what was parsed, whatever it is
 * @returns the same with what its time took for granted in `data`; other content as it is
 */
export function storedSettings(content: unknown): unknown {
  if (!isObject(content) || !isObject(content.data)) return content;
  return { ...content, data: { ...BEFORE, ...content.data } };
}

/** The same of the text in a file's metadata; undefined where it is absent or none. */
export function storedConfig(text: string | undefined): unknown {
  return storedSettings(parsedJson(text));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
