// Removes from dist/ what was compiled from a source that is no longer there: it would be tested and published.
import { existsSync, readdirSync, rmSync } from 'node:fs';

const compiled = existsSync('dist') ? readdirSync('dist', { recursive: true }) : [];
for (const file of compiled.filter((name) => name.endsWith('.d.ts'))) {
  const name = file.slice(0, -'.d.ts'.length);
  if (existsSync(`src/${name}.ts`) || existsSync(`src/${name}.tsx`)) continue;
  for (const ending of ['.d.ts', '.js']) rmSync(`dist/${name}${ending}`, { force: true });
}
