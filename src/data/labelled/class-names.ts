/** Names of classes as datasets write them down. */
import { InputError } from '../../core/errors.js';

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Names of the classes by index, from `{"0": "background", …}` or, as nnU-Net writes it, `{"background": 0, …}`.
 * @throws InputError ('data') when the indices are not 0, 1, 2, …, or a class has several, as nnU-Net's regions
 */
export function classNames(path: string, classes: unknown): string[] {
  if (classes === undefined) return [];
  for (const [name, value] of Object.entries(classes as JsonObject)) {
    if (!Array.isArray(value)) continue;
    throw new InputError(
      'data',
      `${path}: expected an index for each class, found [${value.join(', ')}] for "${name}"; region-based classes are not read`,
      'Where classes overlap, store images/ID.* and a mask for each class, labels/CLASS/ID.*, without this list of labels.',
    );
  }
  const entries = Object.entries(classes as JsonObject).map(([key, value]): [number, string] =>
    typeof value === 'number' ? [value, key] : [Number(key), String(value)],
  );
  const named = entries.filter(([, name]) => name !== 'ignore').sort(([a], [b]) => a - b);
  if (named.every(([index], place) => index === place)) return named.map(([, name]) => name);
  throw new InputError(
    'data',
    `${path}: expected classes with the indices 0, 1, 2, …, found ${named.map(([index]) => index).join(', ')}`,
    'Number the classes without gaps; 0 is the background.',
  );
}
