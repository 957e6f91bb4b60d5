/** What the files of a case hold: it tells a case from another that bears its name. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabelledCase } from '../data/labelled/index.js';
import { entriesIn } from '../data/stats.js';

/** 64 bits of SHA-256 of its files as they lie there. */
export function contentOf({ image, series, label }: LabelledCase): string {
  const hash = createHash('sha256');
  const images = series
    ? entriesIn(image)
        .filter((entry) => entry.isFile())
        .map(({ name }) => join(image, name))
        .sort()
    : [image];
  for (const file of images) hash.update(readFileSync(file));
  if (typeof label === 'number') hash.update(String(label));
  else for (const file of [label].flat()) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}
