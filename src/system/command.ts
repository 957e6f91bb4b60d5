/** The command `cover` of this package, for what starts it in a process of its own. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The path of its script, as the package names it. */
export function coverCommand(): string {
  const description = new URL('../../package.json', import.meta.url);
  const { bin } = JSON.parse(readFileSync(description, 'utf8')) as { bin: { cover: string } };
  return fileURLToPath(new URL(bin.cover, description));
}
