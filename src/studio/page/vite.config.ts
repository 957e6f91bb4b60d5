/** The page becomes files of its own origin alone: nothing inlined, nothing loaded from elsewhere. */
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/** The files of onnxruntime-web, on WebAssembly and on WebGPU, which its threads load by their own addresses. */
const RUNTIME = ['ort-wasm-simd-threaded', 'ort-wasm-simd-threaded.asyncify'].flatMap((name) => [
  `${name}.mjs`,
  `${name}.wasm`,
]);

/** Puts the runtime's files into `ort/` beside the page. */
function runtimeFiles(): Plugin {
  let target = '';
  return {
    name: 'runtime-files',
    configResolved({ root, build }) {
      target = resolve(root, build.outDir);
    },
    closeBundle() {
      const source = dirname(createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
      mkdirSync(join(target, 'ort'), { recursive: true });
      for (const name of RUNTIME) copyFileSync(join(source, name), join(target, 'ort', name));
    },
  };
}

/** The codecs of DICOM ask for files where they run under Node; in a page they do not. */
function withoutNode(): Plugin {
  const EMPTY = '\0of-node';
  return {
    name: 'without-node',
    enforce: 'pre',
    resolveId: (name, importer) => (/^(fs|path)$/.test(name) && importer?.includes('/codec-') ? EMPTY : undefined),
    load: (id) => (id === EMPTY ? 'export default {};' : undefined),
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  clearScreen: false,
  logLevel: 'warn',
  plugins: [runtimeFiles(), withoutNode()],
  // The runtime's files are served as they are.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'browser', 'module', 'import', 'default'] },
  worker: { format: 'es', plugins: () => [withoutNode()] },
  build: {
    outDir: fileURLToPath(new URL('../../../dist/studio/page', import.meta.url)),
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy allows no styles and no pictures within the text.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
  },
});
