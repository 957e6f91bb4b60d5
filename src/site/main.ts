/** `npm run site -- [--out FOLDER]`: the documentation and the playground as files for any host. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { InputError } from '../core/errors.js';
import { buildSite } from './build.js';

const program = new Command('site')
  .option('-o, --out <folder>', 'where the site goes (an older one is replaced)', 'site')
  .parse();
const folder = resolve(program.opts<{ out: string }>().out);
try {
  const { files, size } = await buildSite(folder);
  console.log(`${folder}: ${files} files, ${(size / 1e6).toFixed(1)} MB`);
} catch (error) {
  if (!(error instanceof InputError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
