/** The page becomes files of its own origin alone: nothing inlined, nothing loaded from elsewhere. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/',
  clearScreen: false,
  logLevel: 'warn',
  build: {
    outDir: fileURLToPath(new URL('../../../dist/studio/page', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // The content security policy allows no styles and no pictures within the text.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
  },
});
