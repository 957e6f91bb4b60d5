// Data that lie in no layout that the project knows: here, arrays in memory. They are written as a folder with images/,
// labels/, dataset.json and splits.json, which is then fine-tuned and evaluated like any other.
//
//   node examples/own-dataset.mjs [FOLDER]
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  evaluateSegmenter,
  finetune,
  loadFinetuneConfig,
  loadFinetuned,
  metrics,
  openSegmenter,
  writePng,
} from 'cover-ts';

const folder = process.argv[2] ?? 'own-dataset';
const SIDE = 48;

/**
 * Your own source: an image and its classes as arrays of one value a pixel. Here a bright disc (class 1) and a dark one
 * (class 2).
 */
function readCase(index) {
  const image = new Uint8Array(SIDE * SIDE);
  const labels = new Uint8Array(SIDE * SIDE);
  const discs = [
    { y: 14 + (index % 5), x: 14 + (index % 3), radius: 8, value: 200, label: 1 },
    { y: 32 - (index % 4), x: 33 - (index % 6), radius: 7, value: 40, label: 2 },
  ];
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const disc = discs.find((one) => (y - one.y) ** 2 + (x - one.x) ** 2 <= one.radius ** 2);
      image[y * SIDE + x] = (disc?.value ?? 120) + ((7 * x + 13 * y + 29 * index) % 23);
      labels[y * SIDE + x] = disc?.label ?? 0;
    }
  }
  return { image, labels };
}

// A pair of files for each case, with one name. Labels are gray images of class indices, so they look black in a
// viewer.
const ids = Array.from({ length: 16 }, (_, index) => `case-${String(index).padStart(3, '0')}`);
for (const [index, id] of ids.entries()) {
  const { image, labels } = readCase(index);
  const pixels = { width: SIDE, height: SIDE, channels: /** @type {const} */ (1) };
  await writePng(join(folder, 'data/images', `${id}.png`), { ...pixels, data: image });
  await writePng(join(folder, 'data/labels', `${id}.png`), { ...pixels, data: labels });
}
writeFileSync(join(folder, 'data/dataset.json'), JSON.stringify({ classes: ['background', 'bright', 'dark'] }));
// Cases of one patient belong to one part. Without this file the parts are drawn.
const splits = { train: ids.slice(0, 8), val: ids.slice(8, 11), test: ids.slice(11) };
writeFileSync(join(folder, 'data/splits.json'), JSON.stringify(splits));

const settings = [
  `data.source=${JSON.stringify(join(folder, 'data'))}`,
  'model.channels=[8,8,8,8,8,8,8,8,8]',
  'data.size=[48,48]',
  'schedule.steps=60',
  'optimizer.rate=1e-2',
  'run.validateEvery=30',
];
const run = join(folder, 'run');
await finetune(run, { config: loadFinetuneConfig({ settings }) });

const segmenter = await openSegmenter(loadFinetuned(run));
const cases = splits.test.map((id) => ({
  id,
  image: join(folder, 'data/images', `${id}.png`),
  label: join(folder, 'data/labels', `${id}.png`),
  patient: id,
}));
const report = await evaluateSegmenter(segmenter, cases);
await segmenter.close();
console.log(metrics.segmentationText(report));
