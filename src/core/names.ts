/** Names of files and folders. */

/** The order in which people look for names: IM2 before IM10. */
export function compareNames(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

/** The last part of a path; of a folder's without the slash behind it. */
export function lastName(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? '';
}
