/** Every program in examples/ is compiled and run, and has to come to something. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import sharp from 'sharp';
import { root } from './docs/pages.js';
import { command, node } from './docs/world.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-examples-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const example = (name: string) => join(root, 'examples', name);

/** The Dice of the test cases of a run: the mean over the classes, and of the left lung. */
function testDice(run: string): { mean: number; leftLung: number } {
  const { classes } = JSON.parse(readFileSync(join(run, 'test/segmentation.json'), 'utf8')) as {
    classes: { class: string; means: { dice: { value: number } } }[];
  };
  const values = new Map(classes.map((one) => [one.class, one.means.dice.value]));
  return { mean: [...values.values()].reduce((a, b) => a + b, 0) / values.size, leftLung: values.get('left lung')! };
}

function shell(name: string, work: string): string {
  const { status, stdout, stderr } = spawnSync('bash', [example(name), work], { encoding: 'utf8' });
  assert.equal(status, 0, `${stdout}\n${stderr}`);
  return stdout;
}

test('the page names every example', () => {
  const page = readFileSync(example('README.md'), 'utf8');
  const unnamed = readdirSync(join(root, 'examples')).filter(
    (name) => !page.includes(`(${name})`) && !/^(README.md|tsconfig.json)$/.test(name),
  );
  assert.deepEqual(unnamed, []);
});

test('the examples agree with the types of the package', () => {
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'examples')],
    { encoding: 'utf8' },
  );
  assert.equal(status, 0, stdout);
});

test('a first day with radiographs ends with a segmented, evaluated test set', () => {
  const work = join(folder, '2d');
  shell('first-day-2d.sh', work);
  const dice = testDice(join(work, 'lungs'));
  assert.ok(dice.leftLung > 0.9 && dice.mean > 0.6, JSON.stringify(dice));
  const written = ['masks/chest-0000.png', 'masks/chest-0001.png', 'lungs.onnx', 'lungs/report.html'];
  assert.deepEqual(
    written.filter((name) => !existsSync(join(work, name))),
    [],
  );
});

test('the backbone in PyTorch has the features of cover embed', async (context) => {
  const python = process.env.COVER_PYTHON ?? 'python3';
  if (spawnSync(python, ['-c', 'import numpy, PIL, safetensors, torch']).status !== 0) {
    context.skip(`${python} has no numpy, pillow, safetensors and torch`);
    return;
  }
  const work = join(folder, '2d');
  const picture = 'unlabelled/chest-0002.png';
  const flags = ['--scale', '1', '--grid', 'network', '-o', 'features'];
  const made = [
    await node(work, command, 'export', 'pretrained', '--safetensors', 'backbone.safetensors', '--backbone-only'),
    await node(work, command, 'embed', 'pretrained', picture, ...flags),
  ];
  assert.deepEqual(
    made.map(({ status }) => status),
    [0, 0],
    made.map(({ output }) => output).join('\n'),
  );
  const argv = [example('torch_backbone.py'), 'backbone.safetensors', picture, 'features/chest-0002.npy'];
  const { status, stdout, stderr } = spawnSync(python, argv, { cwd: work, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  assert.ok(Number(/difference (\S+)/.exec(stdout)?.[1]) < 1e-4, stdout);
});

test('a first day with volumes ends with a segmented, evaluated test set', () => {
  const work = join(folder, 'volume');
  shell('first-day-volume.sh', work);
  const dice = testDice(join(work, 'organs'));
  assert.ok(dice.leftLung > 0.85 && dice.mean > 0.45, JSON.stringify(dice));
  const written = ['masks/chest-0000.nii.gz', 'organs.onnx', 'organs/report.html'];
  assert.deepEqual(
    written.filter((name) => !existsSync(join(work, name))),
    [],
  );
});

test('a method of one’s own learns, and its backbone is taken by the commands', async () => {
  const work = join(folder, 'method');
  const { status, output } = await node(folder, example('own-method.mjs'), work);
  assert.equal(status, 0, output);
  const losses = [...output.matchAll(/MSE (\d\.\d+),/g)].map(([, loss]) => Number(loss));
  assert.equal(losses.length, 4, output);
  assert.ok(losses.at(-1)! < 0.02, `half of the noise is gone\n${output}`);
  const picture = 'data/images/chest-0000.png';
  const embedded = await node(work, command, 'embed', 'backbone.safetensors', picture, '-o', 'features');
  assert.equal(embedded.status, 0, embedded.output);
});

/** The server on a free port, and where it answers. */
function startServer(run: string): Promise<{ child: ChildProcess; address: string }> {
  const child = spawn(process.execPath, [example('server.mjs'), run, '0'], { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let output = '';
    const listen = (text: Buffer) => {
      output += text.toString();
      const address = /http:\S+/.exec(output)?.[0];
      if (address) resolve({ child, address });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('close', (code) => reject(new Error(`the server ended with ${code}: ${output}`)));
  });
}

describe('a dataset of one’s own, and a server', () => {
  const work = join(folder, 'own');

  test('arrays become a folder, which is learned', async () => {
    const { status, output } = await node(folder, example('own-dataset.mjs'), work);
    assert.equal(status, 0, output);
    const [, bright] = /bright +Dice +(\d\.\d+)/.exec(output) ?? [];
    assert.ok(Number(bright) > 0.8, output);
  });

  test('the server gives the classes that cover segment writes, and says what it cannot take', async () => {
    const run = join(work, 'run');
    const picture = join(work, 'data/images/case-012.png');
    const written = await node(work, command, 'segment', run, picture, '-o', 'masks');
    assert.equal(written.status, 0, written.output);
    const { child, address } = await startServer(run);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      const post = (body: Uint8Array<ArrayBuffer>) => fetch(address, { method: 'POST', body });
      const answers = await Promise.all([1, 2].map(() => post(new Uint8Array(readFileSync(picture)))));
      const values = (image: Parameters<typeof sharp>[0]) => sharp(image).raw().toBuffer();
      for (const answer of answers) {
        assert.equal(answer.status, 200);
        const served = await values(Buffer.from(await answer.arrayBuffer()));
        assert.deepEqual(served, await values(join(work, 'masks/case-012.png')));
      }
      const refused = await post(new TextEncoder().encode('no picture'));
      assert.equal(refused.status, 422);
      assert.doesNotMatch(await refused.text(), /\n {4}at /);
      assert.equal((await fetch(address)).status, 404);
    } finally {
      child.kill('SIGTERM');
    }
    assert.equal(await ended, 0);
  });
});
