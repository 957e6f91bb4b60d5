/** Nested settings as dotted names. */

/** Every value that is no object, by its dotted name; a list is one value. */
export function dotted(value: object, prefix = ''): [name: string, value: unknown][] {
  return Object.entries(value).flatMap(([key, inner]): [string, unknown][] => {
    const name = prefix ? `${prefix}.${key}` : key;
    if (inner !== null && typeof inner === 'object' && !Array.isArray(inner)) return dotted(inner as object, name);
    return [[name, inner]];
  });
}
