/** What a parsed JSON or YAML file holds, in checks and in words. */

/** What parsed content is, in words. */
export function describeContent(content: unknown): string {
  if (Array.isArray(content)) return 'a list with items that are no text';
  if (typeof content !== 'object' || content === null)
    return content === null ? 'nothing' : `a single ${typeof content}`;
  return `the keys ${Object.keys(content).join(', ') || '(none)'}`;
}

export function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
