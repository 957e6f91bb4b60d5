/** The site as a folder of files that any host gives out, from any path. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformWithOxc } from 'vite';
import { InputError } from '../core/errors.js';
import { deadLinks } from './check.js';
import { documentation, type SiteFiles } from './docs/pages.js';
import { folderFiles } from './folder-files.js';
import { playground } from './playground.js';
import { siteHeaders } from './policy.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const source = (path: string) => readFileSync(join(root, 'src', path), 'utf8');

/** By this file a folder is known as a site that may be replaced. */
const WORKER = 'service-worker.js';

export interface SiteFacts {
  readonly files: number;
  /** Bytes of all files. */
  readonly size: number;
}

/**
 * Writes the site beside `folder`, and then in its place.
 * @throws InputError ('file') where the folder holds something else; ('data') where a link leads nowhere
 */
export async function buildSite(folder: string): Promise<SiteFacts> {
  if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, WORKER))) {
    throw new InputError(
      'file',
      `${folder}: expected an older site or an empty folder, found other files`,
      'Name another folder with --out.',
    );
  }
  const files = await siteFiles();
  const written = `${folder}.tmp`;
  rmSync(written, { recursive: true, force: true });
  for (const [place, content] of files) {
    mkdirSync(dirname(join(written, place)), { recursive: true });
    writeFileSync(join(written, place), content, { flush: true });
  }
  rmSync(folder, { recursive: true, force: true });
  renameSync(written, folder);
  return { files: files.size, size: [...files.values()].reduce((sum, content) => sum + Buffer.byteLength(content), 0) };
}

async function siteFiles(): Promise<SiteFiles> {
  const api = folderFiles(join(root, 'api'), 'api/');
  const bar: [string, string][] = [['playground/index.html', 'Playground']];
  if (api.size) bar.push(['api/index.html', 'Library']);
  const files = await documentation(root, bar).catch((error: Error) => {
    throw new InputError('data', error.message, 'Mend the pages of docs/.');
  });
  for (const [place, content] of await playground(root)) files.set(`playground/${place}`, content);
  files.set('icon.svg', source('studio/page/icon.svg'));
  files.set('site.css', source('studio/page/colours.css') + source('site/page/site.css'));
  files.set('site.js', await scriptOf('site/page/site.ts'));
  const kept = keptFiles(files);
  const dead = deadLinks(files, api);
  if (dead.length) throw new InputError('data', dead.join('\n'));
  for (const [place, content] of api) files.set(place, content);
  const worker = await scriptOf('site/worker/service-worker.ts');
  const written = { __FILES__: kept, __HEADERS__: siteHeaders };
  const constants = Object.entries(written).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`);
  files.set(WORKER, constants.join('') + worker);
  return files;
}

/** What the service worker keeps, and with what. Runtimes for WebGPU are kept when a browser has asked for them. */
function keptFiles(files: SiteFiles): Record<string, { digest: string; part: string }> {
  const entries = [...files].map(([place, content]) => {
    const digest = `sha256-${createHash('sha256').update(content).digest('base64')}`;
    const part = place.includes('asyncify') ? '' : place.startsWith('playground/') ? 'playground' : 'pages';
    return [place, { digest, part }] as const;
  });
  return Object.fromEntries(entries);
}

/** A script without imports, as browsers read it. */
async function scriptOf(path: string): Promise<string> {
  return (await transformWithOxc(source(path), path, { lang: 'ts' })).code;
}
