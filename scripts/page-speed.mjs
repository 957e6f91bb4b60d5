// How long a page takes, in headless Chromium on WebAssembly: the demo's network in pretraining (64 × 64, batch 2, 300
// steps), a fine-tuning of it on three images of 256 × 256, and the masks of one such image.
//
//   npm run build && node scripts/page-speed.mjs [ROUNDS]
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePhantoms } from '../dist/phantom/index.js';
import { openTestPage } from '../dist/testing/chromium/page.js';

const rounds = Number(process.argv[2] ?? 3);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`ROUNDS: expected a whole number from 1, found ${process.argv[2]}`);
  process.exit(1);
}
const LABELLED = 3;
const folder = mkdtempSync(join(tmpdir(), 'cover-page-speed-'));
await writePhantoms(join(folder, 'small'), 96, { size: [96, 96], seed: 0 });
await writePhantoms(join(folder, 'large'), LABELLED + 1, { size: [256, 256], seed: 1 });
const named = (set, kind, most = Number.POSITIVE_INFINITY) =>
  readdirSync(join(folder, set, kind))
    .filter((name) => name.endsWith('.png'))
    .slice(0, most)
    .map((name) => [`data/${set}/${kind}/${name}`, `files/${set}/${kind}/${name}`]);
const files = Object.fromEntries([
  ...named('small', 'images'),
  ...named('large', 'images'),
  ...named('large', 'labels', LABELLED),
]);
const [image] = named('large', 'images').at(-1);

const pretraining = [
  'data.source=data/small',
  'data.validationImages=16',
  'views.crop=[64, 64]',
  'model.channels=[8, 16, 32, 64, 64, 64, 32, 16, 8]',
  'optimizer.rate=1e-3',
  'batch.size=2',
  'schedule.steps=300',
  'device=cpu',
];
const finetuning = (from) => [
  'data.source=data/large',
  'data.size=[256, 256]',
  'data.testShare=0',
  `model.from=${from}`,
  'batch.size=2',
  'schedule.steps=150',
  'device=cpu',
];

const opened = await openTestPage('training', { compiled: true, folders: { '/files/': folder } });
const table = [];
try {
  const ask = (call, ...given) =>
    opened.page.evaluate(([name, all]) => globalThis.training[name](...all), [call, given]);
  await ask('putFiles', files);
  for (let round = 0; round < rounds; round++) {
    const from = `runs/pre${round}`;
    const to = `runs/large${round}`;
    const timed = async (...call) => {
      const started = performance.now();
      const { error } = await ask(...call);
      if (error) throw new Error(error);
      return (performance.now() - started) / 1000;
    };
    const learnt = await timed('pretrain', from, pretraining);
    const tuned = await timed('finetune', to, finetuning(from));
    const { segmented } = await ask('use', { backbone: from, segmenter: to }, image);
    table.push({ 'pretraining, s': learnt, 'fine-tuning, s': tuned, 'masks of one image, ms': segmented });
    console.log(
      `round ${round + 1}: ${Object.entries(table.at(-1))
        .map(([name, value]) => `${name} ${value.toFixed(1)}`)
        .join(', ')}`,
    );
  }
} finally {
  await opened.close();
  rmSync(folder, { recursive: true, force: true });
}
for (const name of Object.keys(table[0])) {
  const sorted = table.map((row) => row[name]).sort((a, b) => a - b);
  console.log(
    `${name.padEnd(24)} median ${sorted[sorted.length >> 1].toFixed(1)} (${sorted[0].toFixed(1)} … ${sorted.at(-1).toFixed(1)})`,
  );
}
