/** Trainings in headless Chromium, and a run that goes from Node to the page and back. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { unzipSync, zipSync } from 'fflate';
import { readCaseInput, readInput } from '../../data/read-input.js';
import { loadConfig, loadFinetuneConfig } from '../../node/config-file.js';
import { finetune } from '../../node/finetune.js';
import { nodeHost } from '../../node/host.js';
import { loadFinetuned, loadModel } from '../../node/models.js';
import { openNetwork, openSegmenter } from '../../node/networks.js';
import { pretrain } from '../../node/pretrain.js';
import { writePhantoms } from '../../phantom/index.js';
import { pretrainKind } from '../../pretrain/kind.js';
import { checkpointFile, readCheckpoint } from '../../train/checkpoint.js';
import { checkpointName } from '../../train/checkpoint-choice.js';
import type { TrainRecord } from '../../train/events.js';
import { embed } from '../../use/embed.js';
import { segment } from '../../use/segmentation/segment.js';
import { missingChromium } from './launch.js';
import { openTestPage, type TestPage } from './page.js';
import type { TrainingPage } from './training-page.js';

const skip = missingChromium() ?? false;
const folder = mkdtempSync(join(tmpdir(), 'cover-page-training-'));
const phantoms = join(folder, 'phantoms', 'images');
let opened: TestPage | undefined;
before(async () => {
  if (skip) return;
  await writePhantoms(dirname(phantoms), 12, { size: [64, 64], seed: 0 });
  opened = await openTestPage('training', { folders: { '/files/': folder } });
});
after(async () => {
  await opened?.close();
  rmSync(folder, { recursive: true, force: true });
});

const settings = [
  'data.validationImages=2',
  'data.validationShare=0.2',
  'views.crop=[32, 32]',
  'views.degree=0.75',
  'model.channels=[8, 8, 16, 16, 16, 16, 16, 8, 8]',
  'batch.size=2',
  'optimizer.rate=1e-3',
  'schedule.steps=8',
  'schedule.warmup=2',
  'run.validateEvery=4',
  'run.checkpointEvery=4',
  'device=cpu',
];

/** Calls what the page offers; the function crosses to the page as its text. */
const inPage = <Values, Result>(
  values: Values,
  call: (page: TrainingPage, values: Values) => Promise<Result>,
): Promise<Result> =>
  opened!.page.evaluate(
    ([source, given]) => {
      const { training } = globalThis as unknown as { readonly training: TrainingPage };
      return new Function(`return ${source}`)()(training, given) as Promise<Result>;
    },
    [call.toString(), values] as const,
  );

/** Puts images of the test's folder into the page, and labels of the first few. */
function putPhantoms(labels = 0): Promise<void> {
  const names = readdirSync(phantoms).filter((name) => name.endsWith('.png'));
  const put = (kind: string, of: readonly string[]) =>
    of.map((name) => [`data/phantoms/${kind}/${name}`, `files/phantoms/${kind}/${name}`] as const);
  const files = Object.fromEntries([...put('images', names), ...put('labels', names.slice(0, labels))]);
  return inPage(files, (page, given) => page.putFiles(given));
}

const packed = async (run: string) =>
  unzipSync(Buffer.from(await inPage(run, (page, place) => page.packRun(place)), 'base64'));

/** All files of a folder, by their names within it. */
function filesOf(path: string): Record<string, Uint8Array> {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name));
  return Object.fromEntries(paths.map((file) => [file.slice(path.length + 1), readFileSync(file)]));
}

function writeFiles(path: string, files: Readonly<Record<string, Uint8Array>>): void {
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), bytes);
  }
}

const LAST = 'checkpoints/step-00000008.safetensors';

/** What the page keeps of its comparison of one thread with several. */
const keptThreads = () =>
  opened!.page.evaluate(async () => {
    const cache = await caches.open('cover-threads');
    const [address] = await cache.keys();
    return address ? ((await (await cache.match(address))!.json()) as { threads: number; at: number }) : undefined;
  });

test('a pretraining runs in the page, and leaves what a run folder has', { skip, timeout: 180_000 }, async (t) => {
  await putPhantoms();
  const outcome = await inPage(['data.source=data/phantoms', ...settings], (page, given) =>
    page.pretrain('runs/first', given),
  );
  t.diagnostic(`8 steps in ${Math.round(outcome.trained)} ms`);
  assert.equal(outcome.error, undefined);
  assert.deepEqual([outcome.step, outcome.finished, outcome.losses.length], [8, true, 8]);
  assert.ok(outcome.losses.every((loss) => Number.isFinite(loss)));
  assert.equal(outcome.looks.length, 3);
  // One thread was compared with several, where there are several.
  const kept = await keptThreads();
  const cores = Number(await opened!.page.evaluate('navigator.hardwareConcurrency'));
  if (cores > 1) assert.ok(kept && [1, Math.min(cores, 8)].includes(kept.threads), JSON.stringify(kept));
  for (const name of ['config.yaml', 'data.json', 'metrics.jsonl', 'report.html', LAST]) {
    assert.ok(outcome.files.includes(name), `${name} is missing among ${outcome.files.join(', ')}`);
  }
});

test('a name that is none is refused, and a handler that throws ends a training', {
  skip,
  timeout: 60_000,
}, async () => {
  await putPhantoms();
  const given = ['data.source=data/phantoms', ...settings];
  for (const [run, refused] of [
    ['', /expected the name of a run, found an empty one/],
    ['../runs', /found one that leads out of it/],
  ] as const) {
    const { error } = await inPage([run, given] as const, (page, [name, own]) => page.pretrain(name, own));
    assert.match(String(error), refused);
  }
  const kept = await keptThreads();
  const thrown = await inPage(given, (page, own) => page.pretrain('runs/thrown', own, { throwAt: 2 }));
  assert.deepEqual(await keptThreads(), kept, 'what was found today is not found again');
  assert.deepEqual([thrown.error, thrown.losses.length], ['the handler fails', 2]);
});

test('a run goes from Node to the page and back', { skip, timeout: 180_000 }, async (t) => {
  await putPhantoms();
  // Under Node up to step 3.
  const run = join(folder, 'run');
  const data = [`data.source=${phantoms}`, `data.cache=${join(folder, 'cache')}`];
  let step = 0;
  const events = { onStep: (record: TrainRecord) => (step = record.step), shouldStop: () => step >= 3 };
  await pretrain(run, { config: loadConfig({ settings: [...data, ...settings] }) }, events);
  const begun = filesOf(run);
  writeFileSync(join(folder, 'run.zip'), zipSync(begun));

  // What was unpacked in the page is packed to the same bytes.
  await inPage('runs/second', (page, place) => page.putRun(place, 'files/run.zip'));
  const same = await packed('runs/second');
  assert.deepEqual(Object.keys(same).sort(), Object.keys(begun).sort());
  for (const [name, bytes] of Object.entries(begun)) assert.equal(Buffer.compare(same[name]!, bytes), 0, name);

  // In the page for a few steps. The images lie elsewhere and are known by their contents.
  const middle = await inPage({ stopAfter: 5, images: 'data/phantoms' }, (page, options) =>
    page.pretrain('runs/second', null, options),
  );
  assert.equal(middle.error, undefined);
  const { step: left } = middle;
  assert.ok(left >= 5 && left < 8 && !middle.finished, `stopped at step ${left}`);
  assert.equal(middle.losses.length, left - 3);

  // The page reads and writes the state of a checkpoint to the same bytes, and so does Node.
  const back = await packed('runs/second');
  const checkpoint = back[`checkpoints/${checkpointName(left)}`]!;
  const kind = pretrainKind(nodeHost);
  const again = await checkpointFile(await readCheckpoint(checkpoint, 'the page', kind), kind);
  assert.equal(Buffer.compare(Buffer.concat(again), checkpoint), 0);

  // Under Node to the end, where the losses are those of a run that never left it, as far as kernels agree.
  const returned = join(folder, 'returned');
  writeFiles(returned, back);
  const losses = [...middle.losses];
  const result = await pretrain(returned, { resume: true }, { onStep: ({ loss }) => losses.push(loss) });
  assert.deepEqual([result.step, result.finished, losses.length], [8, true, 5]);
  const stayed: number[] = [];
  await pretrain(run, { resume: true }, { onStep: ({ loss }) => stayed.push(loss) });
  const worst = Math.max(...stayed.map((loss, index) => Math.abs(loss - losses[index]!)));
  t.diagnostic(`largest difference of a loss: ${worst}`);
  assert.ok(Math.abs(stayed[0]! - losses[0]!) < 1e-4, `step 4: ${losses[0]} in the page, ${stayed[0]} under Node`);
});

test('a fine-tuning on a few labels runs in the page, and goes on there', { skip, timeout: 180_000 }, async (t) => {
  await putPhantoms(4);
  const own = [
    'data.source=data/phantoms',
    'model.from=runs/first',
    'data.size=[32, 32]',
    'data.testShare=0',
    'data.validationShare=0.25',
    'batch.size=2',
    'schedule.steps=6',
    'run.validateEvery=3',
    'run.checkpointEvery=3',
  ];
  const first = await inPage([own, { stopAfter: 2 }] as const, (page, [given, options]) =>
    page.finetune('runs/lungs', given, options),
  );
  assert.equal(first.error, undefined);
  assert.ok(first.step < 6 && !first.finished, `stopped at step ${first.step}`);
  const rest = await inPage(null, (page, given) => page.finetune('runs/lungs', given));
  assert.equal(rest.error, undefined);
  assert.deepEqual([rest.step, rest.finished, first.losses.length + rest.losses.length], [6, true, 6]);
  t.diagnostic(`Dice of the held-out case: ${[...first.looks, ...rest.looks].join(', ')}`);
  assert.ok(rest.looks.every((score) => score >= 0 && score <= 1));

  // The same run under Node, from the same backbone, gives the same losses.
  writeFiles(join(folder, 'backbone'), await packed('runs/first'));
  const labelled = join(folder, 'labelled');
  for (const name of readdirSync(phantoms).sort().slice(0, 4)) {
    for (const kind of ['images', 'labels']) {
      writeFiles(labelled, { [`${kind}/${name}`]: readFileSync(join(dirname(phantoms), kind, name)) });
    }
  }
  const losses: number[] = [];
  const elsewhere = own.map((setting) =>
    setting.replace('data/phantoms', labelled).replace('runs/first', join(folder, 'backbone')),
  );
  const onStep = ({ loss }: TrainRecord) => losses.push(loss);
  await finetune(join(folder, 'lungs'), { config: loadFinetuneConfig({ settings: elsewhere }) }, { onStep });
  const worst = Math.max(...losses.map((loss, index) => Math.abs(loss - [...first.losses, ...rest.losses][index]!)));
  t.diagnostic(`largest difference of a loss: ${worst}`);
  assert.ok(worst < 1e-3, `losses differ by ${worst}`);

  // Both networks say the same of an image in the page and under Node.
  const image = readdirSync(phantoms).sort().at(-1)!;
  const runs = { backbone: 'runs/first', segmenter: 'runs/lungs' };
  const found = await inPage([runs, `data/phantoms/images/${image}`] as const, (page, [given, file]) =>
    page.use(given, file),
  );
  t.diagnostic(`one image is segmented in ${Math.round(found.segmented)} ms`);
  writeFiles(join(folder, 'segmenter'), await packed('runs/lungs'));
  const network = await openNetwork(loadModel(join(folder, 'backbone')), { device: 'cpu' });
  const { channels } = network.model.config.data;
  const { data: features } = await embed(network, await readInput(join(phantoms, image), channels));
  await network.close();
  const bytes = Buffer.from(found.features, 'base64');
  const there = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  assert.equal(there.length, features.length);
  const largest = features.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const apart = features.reduce((most, value, index) => Math.max(most, Math.abs(value - there[index]!)), 0);
  t.diagnostic(`features differ by ${apart} of ${largest}`);
  assert.ok(apart < 1e-4 * largest, `features differ by ${apart} of ${largest}`);
  const segmenter = await openSegmenter(loadFinetuned(join(folder, 'segmenter')), { device: 'cpu' });
  const { labels } = await segment(segmenter, await readCaseInput(join(phantoms, image), segmenter));
  await segmenter.close();
  assert.equal(Buffer.compare(Buffer.from(found.labels, 'base64'), labels.data), 0);
  assert.ok(Math.hypot(found.match.x - 32, found.match.y - 32) < 0.5, 'the middle of an image lies in its middle');
  assert.ok(found.match.similarity > 0.999);
});

test('data are divided in the page as under Node', { skip, timeout: 180_000 }, async () => {
  await putPhantoms(4);
  const names = readdirSync(phantoms).sort().slice(0, 4);
  const [a, b, c, d] = names.map((name) => name.replace('.png', '')) as [string, string, string, string];
  const divide = (lists: object) => {
    writeFileSync(join(folder, 'splits.json'), JSON.stringify(lists));
    return inPage({ 'data/phantoms/splits.json': 'files/splits.json' }, (page, files) => page.putFiles(files));
  };
  const recordOf = async (run: string) => JSON.parse(Buffer.from((await packed(run))['data.json']!).toString());
  await divide({ train: [b, a], val: [c], test: [d] });
  const channels = 'model.channels=[8, 8, 16, 16, 16, 16, 16, 8, 8]';
  const own = ['data.source=data/phantoms', channels, 'data.size=[32, 32]', 'batch.size=2', 'schedule.steps=1'];
  const tuned = await inPage(own, (page, given) => page.finetune('runs/divided', given));
  assert.equal(tuned.error, undefined);
  const { labelled, unused, validation, test: held } = await recordOf('runs/divided');
  assert.deepEqual(
    { labelled, unused, validation, held },
    { labelled: [a, b], unused: [], validation: [c], held: [d] },
  );

  // A pretraining keeps off the test images, too.
  const few = [...settings.filter((one) => !one.startsWith('schedule')), 'schedule.steps=1', 'schedule.warmup=0'];
  const pretrained = await inPage(['data.source=data/phantoms', ...few], (page, given) =>
    page.pretrain('runs/divided-pretrained', given),
  );
  assert.equal(pretrained.error, undefined);
  const files = (ids: readonly string[]) => ids.map((id) => `images/${id}.png`);
  const record = await recordOf('runs/divided-pretrained');
  assert.deepEqual([record.training, record.validation], [files([a, b]), files([c])]);

  // What is not understood is refused: a part that was passed over would be trained on.
  for (const [lists, found] of [
    [{ train: ['nobody'] }, /"nobody"/],
    [{ training: [a] }, /"training"/],
    [{ val: [a] }, /only validation/],
  ] as const) {
    await divide(lists);
    const { error } = await inPage(own, (page, given) => page.finetune('runs/refused', given));
    assert.match(String(error), found);
  }
});
