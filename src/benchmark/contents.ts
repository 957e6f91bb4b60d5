/** What the files of a case hold: it tells a case from another that bears its name. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LabelledCase } from '../data/labelled/index.js';
import { entriesIn } from '../data/stats.js';

/** The clocks of two file servers may differ by so much, in ms. */
const CLOCKS = 3_600_000;

/** 64 bits of SHA-256 of its files as they lie there, and its class where it has one. */
export function contentOf(one: LabelledCase): string {
  const hash = createHash('sha256');
  for (const file of filesOf(one)) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16) + classOf(one);
}

/**
 * Whether a case may hold something else than at a time; its files are not read, which takes long where they are many.
 * @param content at that time
 * @param time in ms since 1970
 */
export function mayDiffer(one: LabelledCase, content: string, time: number): boolean {
  return !content.endsWith(classOf(one)) || filesOf(one).some((file) => statSync(file).ctimeMs > time - CLOCKS);
}

function classOf({ label }: LabelledCase): string {
  return typeof label === 'number' ? ` class ${label}` : '';
}

function filesOf({ image, series, label }: LabelledCase): string[] {
  const slices = () => entriesIn(image).filter((entry) => entry.isFile());
  const images = series
    ? slices()
        .map(({ name }) => join(image, name))
        .sort()
    : [image];
  return typeof label === 'number' ? images : [...images, ...[label].flat()];
}
