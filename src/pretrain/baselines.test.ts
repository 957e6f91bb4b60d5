/**
 * Whole runs of the baselines through the command: they learn, they are the same to the bit, and their backbones are of
 * use.
 */
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { readPretrained } from '../node/finetune.js';
import { loadModel } from '../node/models.js';
import { readMetrics } from '../testing/run-files.js';
import { initialWeights } from '../train/initial-weights.js';
import { loadSafetensors } from '../weights/files.js';
import { backboneSpecs } from './backbone.js';
import { checkpointAt, cover, runFixture, testRefusals } from './fixtures.js';

const { data, args, train, path, bytes, tensors, records } = runFixture();
const baselines = ['consistency', 'contrast', 'mae', 'restoration'] as const;
const settings = (method: string) => [
  `method=${method}`,
  'contrast.stride=4',
  'optimizer.rate=2e-3',
  'threads=1',
  'data.workers=0',
];
const printed = new Map<string, string>();

for (const method of baselines) {
  test(`${method}: the validation loss falls, and the best step is that of the least`, () => {
    printed.set(method, train(method, ...settings(method)));
    const looks = readMetrics(path(method)).filter(({ kind }) => kind === 'validation');
    const [first, last] = [looks[0]!, looks.at(-1)!].map(({ loss }) => Number(loss)) as [number, number];
    assert.equal(looks.length, 3);
    assert.ok(last < 0.95 * first, `${first} before, ${last} after`);
    for (const look of looks) {
      assert.ok(Number(look.featureDeviation) > 0 && Number(look.effectiveRank) >= 1);
      assert.ok(!('endpointError' in look));
    }
    const { metadata } = loadSafetensors(path(method, 'checkpoints', 'best.safetensors'));
    const best = looks.toSorted((a, b) => Number(a.loss) - Number(b.loss))[0]!;
    assert.deepEqual(JSON.parse(metadata.best!), { step: best.step, loss: best.loss });
    assert.equal(metadata.method, method);
    assert.equal(parse(readFileSync(path(method, 'config.yaml'), 'utf8')).method, method);
  });

  test(`${method}: lines and report have the loss of the method and no field`, () => {
    const text = printed.get(method)!;
    const short = { consistency: 'con', contrast: 'InfoNCE', mae: 'MSE', restoration: 'MSE' }[method];
    assert.match(text, new RegExp(`method ${method}\n`));
    assert.match(text, new RegExp(`step 12/12 .*left  ${short} \\d+\\.\\d+\n`));
    assert.match(text, new RegExp(`validation at 12: ${short} \\d+\\.\\d+\n`));
    assert.doesNotMatch(text, /EPE|NaN|undefined/);
    const report = readFileSync(path(method, 'report.html'), 'utf8').replaceAll(/base64,[^"]*/g, '');
    assert.doesNotMatch(report, /[Ee]ndpoint error|predicted field|NaN|undefined/);
    assert.match(report, /pretraining: [\s\S]*Validation pair 2/);
    assert.ok(existsSync(path(method, 'samples', 'step-000012-1.png')));
  });

  test(`${method}: a loader thread changes no byte, and neither does a resumed run`, () => {
    const other = `${method}-again`;
    cpSync(path(method), path(other), { recursive: true });
    for (const step of [9, 12]) rmSync(path(other, 'checkpoints', checkpointAt(step)), { force: true });
    const { status, stderr } = cover('pretrain', '-o', path(other), '--resume');
    assert.equal(status, 0, stderr);
    assert.deepEqual(bytes(other, 'checkpoints', checkpointAt(12)), bytes(method, 'checkpoints', checkpointAt(12)));
    assert.deepEqual(records(other), records(method));
    train(`${method}-1`, ...settings(method), 'data.workers=1');
    assert.deepEqual(tensors(`${method}-1`, checkpointAt(12)), tensors(method, checkpointAt(12)));
    assert.deepEqual(records(`${method}-1`), records(method));
  });

  test(`${method}: the backbone is loaded, whole, by what comes after`, async () => {
    const model = loadModel(path(method));
    assert.equal(model.hasProjections, false);
    const specs = backboneSpecs(model.backbone);
    assert.deepEqual(model.specs, specs);
    const { weights } = await readPretrained(path(method));
    const { report, theta } = initialWeights(weights, specs, 0);
    assert.deepEqual([report.loaded.length, report.missing, report.mismatched], [specs.length, [], []]);
    assert.equal(theta.length, model.theta.length);
  });
}

test('a run of COVER begins with the backbone of a baseline; its head is not used', () => {
  const { status, stderr } = cover(...args('cover', 'schedule.steps=1', 'threads=1'), '--init-from', path('contrast'));
  assert.equal(status, 0, stderr);
  const record = JSON.parse(readFileSync(path('cover', 'transfer.json'), 'utf8'));
  assert.deepEqual(record.unused.sort(), ['contrast.head.bias', 'contrast.head.weight']);
  assert.ok(record.missing.every((name: string) => name.startsWith('proj.')));
  assert.equal(record.loaded.length, 72);
});

const refused: readonly (readonly [string, () => string[], RegExp])[] = [
  [
    'a field of a network that predicts none',
    () => {
      const image = join(data, 'images', loadSample());
      return ['match', path('contrast'), image, image, '--field', '-o', path('match')];
    },
    /displacement field needs a network pretrained by the method cover, found one by contrast[\s\S]*cover embed/,
  ],
  [
    'fields of volumes to be written by a method without fields',
    () => args('bad', 'method=restoration', 'run.writeFields=true'),
    /run\.writeFields: expected false, since only the method cover/,
  ],
  [
    'a stride that does not divide the crop',
    () => args('bad', 'method=contrast', 'contrast.stride=5'),
    /contrast\.stride: expected a divisor of every extent of views\.crop/,
  ],
  ['an unknown method', () => args('bad', 'method=simclr'), /method: .*consistency.*contrast.*cover.*mae.*restoration/],
];

/** The name of a phantom's image. */
function loadSample(): string {
  const { train: ids } = JSON.parse(readFileSync(join(data, 'splits.json'), 'utf8')) as { train: string[] };
  return `${ids[0]}.png`;
}

testRefusals(refused);
