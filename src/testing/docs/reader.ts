/**
 * A reader's own project: every TypeScript block of the documentation as a file of it. `cover-ts` is found in
 * node_modules, with the types that the package publishes, and the compiler is as strict as a reader's may be.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, root } from './pages.js';

export interface ReaderProject {
  /** The compiler's messages about a block, one a line. */
  errorsOf(block: Block): string;
  /** All messages. */
  readonly errors: string;
  /** The compiled block. */
  programOf(block: Block): string;
}

const compilerOptions = {
  target: 'ES2023',
  lib: ['ES2023'],
  module: 'NodeNext',
  types: ['node'],
  strict: true,
  skipDefaultLibCheck: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  outDir: 'out',
  rootDir: '.',
};

/** Writes the project and compiles it. @param lib what the place of its programs has beside the language */
export function readerProject(folder: string, blocks: readonly Block[], lib: readonly string[] = []): ReaderProject {
  const options = { ...compilerOptions, lib: [...compilerOptions.lib, ...lib] };
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules', 'cover-ts'));
  symlinkSync(join(root, 'node_modules', '@types'), join(folder, 'node_modules', '@types'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n');
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  const nameOf = ({ page, line }: Block) => `${page.replace(/\W+/g, '-')}-${line}`;
  for (const block of blocks) {
    const given = block.given.replace(/\n/g, ' ');
    writeFileSync(join(folder, `${nameOf(block)}.ts`), `${given}\n${block.text}\nexport {};\n`);
  }
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder],
    {
      encoding: 'utf8',
    },
  );
  const errors = `${stdout}${stderr}`;
  return {
    errors,
    errorsOf(block) {
      const lines = errors.split('\n');
      return lines.filter((line) => line.includes(`${nameOf(block)}.ts`)).join('\n');
    },
    programOf: (block) => join(folder, 'out', `${nameOf(block)}.js`),
  };
}
