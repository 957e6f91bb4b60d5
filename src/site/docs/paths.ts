/** Where a file of the project lies in the site, and how one page of the site names another: always relatively. */
import { posix } from 'node:path';

/** `docs/using.md` becomes `docs/using.html`, and a `README.md` the first page of its folder. */
export function placeOfPage(source: string): string {
  return source.replace(/(^|\/)README\.md$/, '$1index.html').replace(/\.md$/, '.html');
}

/** From one place of the site to another, such that the site may lie at any path of a host. */
export function pathBetween(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  // `.` alone would be read as the address of the page's folder, which is its first page.
  return path === '' ? posix.basename(to) : path;
}
