/** A page for tests, made of a compiled module: bundled, with an empty document around it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export interface Bundle {
  readonly folder: string;
  remove(): void;
}

/** @param module the name of a module in `page/`, without its ending */
export async function bundlePage(module: string): Promise<Bundle> {
  const folder = mkdtempSync(join(tmpdir(), 'cover-page-'));
  const entry = fileURLToPath(new URL(`./page/${module}.js`, import.meta.url));
  await build({
    configFile: false,
    logLevel: 'error',
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    base: './',
    publicDir: false,
    // The runtime's files are served as they are: its threads load them by their own addresses.
    resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'browser', 'module', 'import', 'default'] },
    worker: { format: 'es' },
    build: {
      outDir: folder,
      emptyOutDir: true,
      target: 'es2023',
      minify: false,
      modulePreload: false,
      rolldownOptions: { input: entry, output: { entryFileNames: 'page.js' } },
    },
  });
  const document =
    '<!doctype html><meta charset="utf-8"><title>test</title><script type="module" src="./page.js"></script>';
  writeFileSync(join(folder, 'index.html'), document);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
