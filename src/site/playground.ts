/** The playground: the studio's page with a room before its own, as files beside which the runtime lies. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import type { SiteFiles } from './docs/pages.js';
import { folderFiles } from './folder-files.js';
import { playgroundPolicy } from './policy.js';

/** @param root of the project */
export async function playground(root: string): Promise<SiteFiles> {
  const folder = mkdtempSync(join(tmpdir(), 'cover-playground-'));
  try {
    await build({
      configFile: join(root, 'src/studio/page/vite.config.ts'),
      root: join(root, 'src/site/page/playground'),
      base: './',
      logLevel: 'error',
      build: { outDir: folder, emptyOutDir: true },
    });
    const files = folderFiles(folder);
    files.set('index.html', withPolicy(String(files.get('index.html'))));
    return files;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The policy stands before everything that it is about. */
function withPolicy(html: string): string {
  const head = '<meta charset="utf-8" />';
  if (!html.includes(head)) throw new Error(`internal: expected ${head} in the page of the playground`);
  return html.replace(head, `${head}\n    <meta http-equiv="Content-Security-Policy" content="${playgroundPolicy}" />`);
}
