/** PyTorch beside us: finds a Python that has it, and runs one measurement of a script that prints JSON. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../core/errors.js';
import { type BenchCase, readsFiles } from './cases.js';
import type { Measurement } from './measure.js';

/** A Python that can import torch, with torch's version; undefined where there is none. */
export function findPython(): { readonly python: string; readonly version: string } | undefined {
  for (const python of ['/usr/bin/python3', 'python3']) {
    const { status, stdout } = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], {
      encoding: 'utf8',
    });
    if (status === 0) return { python, version: stdout.trim() };
  }
  return undefined;
}

/** What Python reads the files of a case with, and its package in Debian and Ubuntu. */
const READERS = {
  2: { module: 'PIL', package: 'python3-pil' },
  3: { module: 'nibabel', package: 'python3-nibabel' },
} as const;

/** @throws InputError ('bench') where the Python cannot read the files of a case, before anything is measured */
export function requireReaders(python: string, cases: readonly BenchCase[]): void {
  const dims = new Set(cases.filter(({ kind }) => readsFiles(kind)).map(({ dims }) => dims));
  for (const { module, package: name } of [...dims].map((one) => READERS[one])) {
    if (spawnSync(python, ['-c', `import ${module}`]).status === 0) continue;
    throw new InputError(
      'bench',
      `${python}: expected the module ${module}, which the yardstick reads files with, found none`,
      `Install it (apt-get install ${name}), or leave the cases that read files out (--cases).`,
    );
  }
}

/** Where Debian and Ubuntu put the allocators that PyTorch's tuning guide tells its users of CPUs to preload. */
const LIBRARIES = { jemalloc: 'libjemalloc.so.2', tcmalloc: 'libtcmalloc_minimal.so.4' };
const FOLDERS = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib64', '/usr/lib'];

/** How PyTorch is run: as it is, and with each allocator that this machine has. */
export function allocators(): Readonly<Record<string, string>> {
  const found = Object.entries(LIBRARIES).flatMap(([name, file]) => {
    const path = FOLDERS.map((folder) => join(folder, file)).find((path) => existsSync(path));
    return path ? [[name, path] as const] : [];
  });
  return { plain: '', ...Object.fromEntries(found) };
}

/** @param preload the path of an allocator; empty for none. @param files the folder of the files that the case reads */
export function runYardstick(
  { python, script, preload, files }: { python: string; script: string; preload: string; files?: string | undefined },
  { dims, size, batch, runs, warmups, kind }: BenchCase,
): Promise<Measurement> {
  const args = ['--dims', dims, '--size', size, '--batch', batch, '--steps', runs, '--threads', availableParallelism()];
  // A script for the training step alone need not know of other tasks.
  const more = kind === 'step' ? [] : ['--task', kind, '--warmups', warmups, ...(files ? ['--files', files] : [])];
  return lastLine(python, [script, ...[...args, ...more].map(String)], preload);
}

/** @param files the folder of the files that the case reads */
export function runOurs(wanted: BenchCase, files = ''): Promise<Measurement> {
  const script = new URL('./measure.js', import.meta.url);
  return lastLine(process.execPath, [script.pathname, JSON.stringify(wanted), files]);
}

/** Runs a program that ends with a line of JSON. */
function lastLine(command: string, args: readonly string[], preload = ''): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const env = preload ? { ...process.env, LD_PRELOAD: preload } : process.env;
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(out.trim().split('\n').at(-1)!) as Measurement);
      else reject(new InputError('bench', `${command} ${args[0]} ended with code ${code}: ${err.trim().slice(-500)}`));
    });
  });
}
