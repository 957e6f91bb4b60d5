/** `1 case`, `3 cases`. @param word one that takes an s */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
