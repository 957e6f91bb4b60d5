// Joins the compiled files of the command `cover` and of its threads, and the small libraries that they use, into few:
// to find and open each of some hundred files takes longer than what is in them. Libraries with binaries stay outside.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const OUT = 'dist/program';
/** What a process or a thread begins with, and modules that are loaded by their address. */
const ENTRIES = {
  cover: 'dist/cli/main.js',
  engine: 'dist/engine/node/worker.js',
  loader: 'dist/data/loader-worker.js',
  views: 'dist/node/view-samples.js',
  labelled: 'dist/node/labelled-samples.js',
  forecast: 'dist/studio/server/jobs/forecast-worker.js',
  watch: 'dist/studio/server/jobs/watch-main.js',
};
const OUTSIDE = [/^node:/, /^onnxruntime-/, /^@cornerstonejs\//, 'sharp', 'koffi'];

/** Addresses that stand beside a file, from where its code goes. */
const entryAt = new Map(Object.entries(ENTRIES).map(([name, path]) => [resolve(path), `./${name}.js`]));
const addresses = {
  name: 'addresses',
  transform: (code, id) =>
    code.replaceAll(/new URL\('([^']+)', import\.meta\.url\)/g, (_, address) => {
      const path = resolve(dirname(id), address);
      return `new URL('${entryAt.get(path) ?? relative(OUT, path)}', import.meta.url)`;
    }),
};

/** The licences of the libraries that are joined in. */
function licences(modules) {
  const packages = new Set(modules.flatMap((id) => id.match(/.*\/node_modules\/(?:@[^/]+\/)?[^/]+/) ?? []));
  return [...packages].sort().map((folder) => {
    const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
    if (!file) throw new Error(`${name} has no file with its licence, so it cannot be joined in`);
    return `${name} ${version}\n\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n`;
  });
}

rmSync(OUT, { recursive: true, force: true });
const build = await rolldown({ input: ENTRIES, platform: 'node', external: OUTSIDE, plugins: [addresses] });
const { output } = await build.write({ dir: OUT, format: 'esm', chunkFileNames: 'part-[hash].js' });
await build.close();
const modules = output.flatMap((chunk) => Object.keys(chunk.modules ?? {}));
writeFileSync(`${OUT}/licences.txt`, licences(modules).join(`\n${'-'.repeat(80)}\n\n`));
