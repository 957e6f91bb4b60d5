/** What a checkpoint holds comes back to the bit; what cannot be is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKSUM, checksumOf, readSafetensors, writeSafetensors } from '../weights/index.js';
import { type Checkpoint, type CheckpointKind, checkpointFile, OtherKindError, readCheckpoint } from './checkpoint.js';
import { chooseCheckpoint, parseCheckpointChoice } from './checkpoint-choice.js';
import { defaultOptimizer } from './optimizer.js';

interface Config {
  readonly width: number;
}

const kind: CheckpointKind<Config> = {
  metadata: () => ({ method: 'test' }),
  configOf: ({ method, config }) => (method === 'test' ? (JSON.parse(config!) as Config) : null),
  groupsOf: ({ width }) => ({
    backbone: [{ name: 'a', shape: [width] }],
    head: [{ name: 'b', shape: [2] }],
  }),
  optimizerOf: () => defaultOptimizer,
  expected: ['expected a test', 'Write one.'],
};

const checkpoint: Checkpoint<Config> = {
  step: 7,
  config: { width: 3 },
  best: { step: 5, score: 0.5 },
  state: new Map([
    ['backbone.theta', Float32Array.of(1, 2, 3)],
    ['head.theta', Float32Array.of(4, 5)],
    ['backbone.firstMoment', new Float32Array(3)],
    ['head.firstMoment', Float32Array.of(-1, 1)],
    ['head.secondMoment', Float32Array.of(1, 2)],
    ['lossScaling', Float32Array.of(8192, 3, 2, 0, 2)],
  ]),
};

async function bytesOf(one: Checkpoint<Config>): Promise<Uint8Array> {
  return Buffer.concat(await checkpointFile(one, kind));
}

/** The file with other metadata. @param sealed with a checksum that fits them */
async function changed(metadata: Readonly<Record<string, string>>, sealed = true): Promise<Uint8Array> {
  const file = readSafetensors(await bytesOf(checkpoint), 'whole');
  const own: Record<string, string> = { ...file.metadata, ...metadata };
  if (sealed) own[CHECKSUM] = await checksumOf(file.tensors, own);
  return writeSafetensors(file.tensors, own);
}

test('a checkpoint comes back; moments that are all zero are left out', async () => {
  const found = await readCheckpoint(await bytesOf(checkpoint), 'it', kind);
  assert.deepEqual([found.step, found.config, found.best], [7, { width: 3 }, { step: 5, score: 0.5 }]);
  const expected = [...checkpoint.state].filter(([name]) => name !== 'backbone.firstMoment');
  assert.deepEqual(new Map([...found.state].sort()), new Map(expected.sort()));
});

test('any flipped bit is found', async () => {
  const whole = await bytesOf(checkpoint);
  for (let bit = 0; bit < 8 * whole.length; bit += 13) {
    const bytes = whole.slice();
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    // A bit of the padding behind the header changes nothing that the file says.
    if (bytes[bit >> 3] !== whole[bit >> 3] && whole[bit >> 3] === 0x20) continue;
    await assert.rejects(readCheckpoint(bytes, 'it', kind), `bit ${bit}`);
  }
});

for (const step of ['1e9', 'xx', '5.5', '-1', '', ' 7', '0x7', '99999999999999999999']) {
  test(`the step "${step}" is refused`, async () => {
    await assert.rejects(readCheckpoint(await changed({ step }), 'it', kind), {
      code: 'checkpoint',
      message: /a step/,
    });
  });
}

for (const best of ['{', 'null', '{"step": 8, "score": 1}', '{"step": 3, "score": null}', '[]', '{"score": 1}']) {
  test(`the best look ${best} is refused`, async () => {
    await assert.rejects(readCheckpoint(await changed({ best }), 'it', kind), { message: /a best look/ });
  });
}

test('values that cannot be are refused, when written and when read', async () => {
  const withValue = (name: string, value: number) => ({
    ...checkpoint,
    state: new Map([...checkpoint.state, [name, Float32Array.of(value, 1)]]),
  });
  await assert.rejects(bytesOf(withValue('head.theta', Number.NaN)), { code: 'diverged', message: /found NaN/ });
  const bytes = await bytesOf(withValue('head.secondMoment', -1));
  await assert.rejects(readCheckpoint(bytes, 'it', kind), { message: /squares in the optimiser's secondMoment/ });
  const file = readSafetensors(await bytesOf(checkpoint), 'it');
  new Uint8Array(file.tensors.get('b')!.bytes.buffer, file.tensors.get('b')!.bytes.byteOffset).fill(0xff, 0, 4);
  const sealed = { ...file.metadata, [CHECKSUM]: await checksumOf(file.tensors, file.metadata) };
  const bad = writeSafetensors(file.tensors, sealed);
  await assert.rejects(readCheckpoint(bad, 'it', kind), {
    code: 'checkpoint',
    message: /finite values in the parameters/,
  });
});

test('a file of another kind is no damaged one', async () => {
  await assert.rejects(readCheckpoint(await changed({ method: 'other' }), 'it', kind), OtherKindError);
  await assert.rejects(readCheckpoint(await changed({ step: '8' }, false), 'it', kind), { message: /checksum/ });
});

test('one rule says which checkpoint a run stands for', () => {
  const names = [
    'step-00000004.safetensors',
    'best.safetensors',
    'step-00000012.safetensors',
    'step-00000012.safetensors.damaged',
  ];
  const choose = (choice: Parameters<typeof chooseCheckpoint>[2]) => chooseCheckpoint(names, 'run', choice);
  assert.equal(choose(null), 'best.safetensors');
  assert.equal(choose('last'), 'step-00000012.safetensors');
  assert.equal(choose(4), 'step-00000004.safetensors');
  assert.equal(chooseCheckpoint(names.slice(2), 'run'), 'step-00000012.safetensors');
  assert.throws(() => choose(5), /found best, step 4, step 12/);
  assert.throws(() => chooseCheckpoint([], 'run'), /run: expected a checkpoint, found none/);
  assert.deepEqual(['best', 'last', '40'].map(parseCheckpointChoice), ['best', 'last', 40]);
  for (const text of ['', 'newest', '-1', '1.5'])
    assert.throws(() => parseCheckpointChoice(text), /best, last or a step/);
});

test('a scale of the loss that cannot be is refused', async () => {
  for (const wrong of [Float32Array.of(3, 0, 0, 0, 0), Float32Array.of(2 ** 16, 0.5, 0, 0, 0), new Float32Array(0)]) {
    const state = new Map([...checkpoint.state, ['lossScaling', wrong]]);
    await assert.rejects(
      readCheckpoint(await bytesOf({ ...checkpoint, state }), 'it', kind),
      /it: expected a scale of/,
    );
  }
});
