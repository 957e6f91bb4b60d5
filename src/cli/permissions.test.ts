/** Every command where the system says no: folders and files of another user, and a reader that has gone away. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { coverCommand } from '../system/command.js';
import { startCommands } from './fixtures/commands.js';
import {
  assertNone,
  at,
  callsOf,
  classifier,
  data,
  faultsOf,
  folder,
  fresh,
  image,
  type Kind,
  model,
  plan,
  segmenter,
  small,
} from './fixtures/world.js';

const main = coverCommand();

/** A user who may do nothing, where this one may do everything. */
const NOBODY = 65534;
const root = process.getuid?.() === 0;

test('each command where a folder may not be written, and where a file may not be read', async (context) => {
  if (process.platform === 'win32') return context.skip('permissions are of POSIX systems');
  const uid = root ? NOBODY : undefined;
  if (root) {
    // What this user made is open to the other, but for what the test is about.
    chmodSync(folder, 0o755);
    mkdirSync(at('out'), { recursive: true });
    chmodSync(at('out'), 0o777);
    try {
      (await startCommands({ cwd: folder, uid: NOBODY })).close();
    } catch {
      return context.skip('the program cannot be read by another user than root');
    }
  }
  mkdirSync(at('locked'));
  writeFileSync(at('locked', 'kept'), 'precious');
  chmodSync(at('locked'), 0o555);
  mkdirSync(at('closed'));
  const closed: Record<string, string> = {};
  for (const [kind, from] of Object.entries({ image, model, text: plan, data: '' })) {
    const path = at('closed', `${kind}${from.slice(from.lastIndexOf('.'))}`);
    if (from) cpSync(from, path);
    else mkdirSync(path);
    chmodSync(path, 0);
    closed[kind] = path;
  }
  const outputs = (kind: Kind) => (kind === 'out' ? [at('locked', 'new'), at('locked')] : [at('locked', 'new')]);
  const written = callsOf(['out', 'outfile'], outputs, /folder cannot be written/).filter(
    // These read their folder alone.
    ({ what }) => !/^(benchmark --report|studio)/.test(what),
  );
  const read = callsOf(
    ['data', 'image', 'model', 'text'],
    (kind) => [closed[kind]!],
    /(may not be read|cannot be opened|could not be used|part of this path is a file)/,
  );
  assertNone(await faultsOf([...written, ...read], uid));
  assert.deepEqual(readdirSync(at('locked')), ['kept']);
});

test('each command whose reader has gone away ends as it would have', async () => {
  const calls: Record<string, readonly string[]> = {
    pretrain: ['pretrain', data, '-o', at('piped'), ...small, '--set', 'run.validateEvery=2'],
    config: ['config', '--describe'],
    doctor: ['doctor', data],
    embed: ['embed', model, at('data', 'images'), '-o', fresh()],
    match: ['match', model, image, image, '-p', '3,4', '-o', fresh()],
    register: ['register', image, image, '-m', model, '-o', fresh()],
    analyze: ['analyze', data, '-m', model, '--cases', '2', '--samples', '20', '-o', fresh()],
    finetune: ['finetune', data, '--from', 'scratch', '-o', fresh(), ...small],
    segment: ['segment', segmenter, at('data', 'images'), '-o', fresh()],
    classify: ['classify', at('data', 'images'), '-m', classifier],
    evaluate: ['evaluate', segmenter, data, '-o', fresh()],
    benchmark: ['benchmark', plan, '-o', fresh(), '--cells'],
    slurm: ['slurm', plan, '-o', fresh()],
    export: ['export', model, '--safetensors', at('exported.safetensors')],
    import: ['import', model, '-o', at('imported.safetensors')],
  };
  const rest = Object.entries(calls);
  const work = async () => {
    for (let call = rest.shift(); call; call = rest.shift()) {
      const child = spawn(process.execPath, [main, ...call[1]], { stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.destroy();
      let stderr = '';
      child.stderr.on('data', (chunk) => (stderr += chunk));
      const [status] = await once(child, 'close');
      assert.equal(status, 0, `${call[0]}: ${stderr}`);
      assert.doesNotMatch(stderr, /error|EPIPE|\n\s+at /, call[0]);
    }
  };
  await Promise.all([work(), work()]);
  assert.match(readFileSync(at('piped', 'metrics.jsonl'), 'utf8'), /"step":2/);
});
