/** The value that a JSON text stands for; undefined where it is absent or none. Who asks checks what it is. */
export function parsedJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
