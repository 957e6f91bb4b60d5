/**
 * A configuration that a file of weights holds. What it does not name is not what a new run takes, but what was done
 * when the file was written.
 */

import { parsedJson } from '../core/json.js';

/** What held before a setting existed, by section. */
const BEFORE = {
  /** Images were interpolated alone where they became smaller. */
  data: { antialias: false },
  /** The head of a fine-tuning saw features as they are. */
  backbone: { standardise: false },
} as const;

/** The base of a configuration file that a pretraining has written. */
export const pretrainBase = { data: BEFORE.data } as const;

/** The base of one that a fine-tuning has written. */
export const finetuneBase = BEFORE;

/**
 * @param content what was parsed, whatever it is
 * @returns the same with what its time took for granted in the sections that it has; other content as it is
 */
export function storedSettings(content: unknown): unknown {
  if (!isObject(content)) return content;
  const sections = Object.entries(BEFORE).flatMap(([name, before]) => {
    const section = content[name];
    return isObject(section) ? [[name, { ...before, ...section }]] : [];
  });
  return { ...content, ...Object.fromEntries(sections) };
}

/** The same of the text in a file's metadata; undefined where it is absent or none. */
export function storedConfig(text: string | undefined): unknown {
  return storedSettings(parsedJson(text));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
