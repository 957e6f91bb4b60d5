/** PyTorch beside us: finds a Python that has it, and runs one measurement of a script that prints JSON. */
import { spawn, spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { InputError } from '../core/errors.js';
import type { BenchCase } from './cases.js';
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

export function runYardstick(python: string, script: string, wanted: BenchCase): Promise<Measurement> {
  const { dims, size, batch, runs, kind } = wanted;
  const args = ['--dims', dims, '--size', size, '--batch', batch, '--steps', runs, '--threads', availableParallelism()];
  return lastLine(python, [script, ...args.map(String), ...(kind === 'embed' ? ['--embed'] : [])]);
}

export function runOurs(wanted: BenchCase): Promise<Measurement> {
  const script = new URL('./measure.js', import.meta.url);
  return lastLine(process.execPath, [script.pathname, JSON.stringify(wanted)]);
}

/** Runs a program that ends with a line of JSON. */
function lastLine(command: string, args: readonly string[]): Promise<Measurement> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
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
