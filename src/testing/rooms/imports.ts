/**
 * The imports of every source file, read from its text: static, dynamic, and the modules that workers are started with.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { isApart } from './layers.js';

export interface SourceFile {
  /** Relative to src/. */
  readonly file: string;
  /** Files that it imports, relative to src/. */
  readonly files: readonly string[];
  /** Those without imports of types alone, which leave nothing behind in the compiled code. */
  readonly atRunTime: readonly string[];
  /** Packages and Node's own modules. */
  readonly packages: readonly string[];
}

const statement = /^(import|export)( type)?\s+(?:[^'";]*?\bfrom )?'([^']+)'/gm;
const dynamic = /\b(?:import|new URL)\(\s*'([^']+)'/g;

/** Every source file but tests and what belongs to them. */
export function readImports(src: string): Map<string, SourceFile> {
  const names = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => /\.tsx?$/.test(name) && !isApart(name))
    .sort();
  const known = new Set(names);
  return new Map(names.map((name) => [name, importsOf(name, readFileSync(join(src, name), 'utf8'), known)]));
}

function importsOf(file: string, text: string, known: ReadonlySet<string>): SourceFile {
  const code = text.replace(/^\s*(\*|\/\/|\/\*).*$/gm, '');
  const found = [
    ...[...code.matchAll(statement)].map(([whole, , type, target]) => ({
      target: target!,
      type: isTypes(whole, type),
    })),
    ...[...code.matchAll(dynamic)].map(([, target]) => ({ target: target!, type: false })),
  ];
  const own = (target: string) => {
    const path = posix.join(posix.dirname(file), target);
    const bare = path.replace(/\.js$/, '');
    // What a bundler compiles names its modules without an ending, and folders by themselves.
    return [`${bare}.ts`, `${bare}.tsx`, path, `${path}/index.ts`].find((name) => known.has(name));
  };
  const files = found.flatMap(({ target, type }) => {
    const path = target.startsWith('.') ? own(target) : undefined;
    return path ? [{ path, type }] : [];
  });
  return {
    file,
    files: [...new Set(files.map(({ path }) => path))],
    atRunTime: [...new Set(files.filter(({ type }) => !type).map(({ path }) => path))],
    packages: [...new Set(found.filter(({ target, type }) => !target.startsWith('.') && !type).map((f) => f.target))],
  };
}

/** Whether an import leaves nothing behind: `import type …`, or `{ type A, type B }`. */
function isTypes(whole: string, type: string | undefined): boolean {
  if (type) return true;
  const names = /^import \{([^}]*)\} from/
    .exec(whole)?.[1]
    ?.split(',')
    .map((name) => name.trim());
  return names?.every((name) => name === '' || name.startsWith('type ')) ?? false;
}
