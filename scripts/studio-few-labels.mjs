// From a few labels to masks of all, through the studio's server as the page uses it: labels are drawn from the truth,
// Train is asked for, and the predictions of all other cases are compared with it.
//
//   npm run build && node scripts/studio-few-labels.mjs RUN DATA [LABELLED] [CASES] [STEPS] [transfer]
//
// RUN is a pretraining (or scratch), DATA a folder with images/ and labels/ as PNG of class numbers. Prints the mean
// Dice of the cases that were not labelled, class by class, and the seconds from the first label to the last mask. With
// `transfer` labels are transferred first, and the training learns from them, too; 0 STEPS beside it
// are no training.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readLabels } from '../dist/data/labelled/index.js';
import { classDices } from '../dist/finetune/segmentation/look.js';
import { startStudio } from '../dist/studio/server/index.js';
import { decodeFrame } from '../dist/studio/shared/frame.js';

const [from, data, labelled = '3', most = '50', steps = '300', transfer] = process.argv.slice(2);
const transferred = transfer === 'transfer';
const trains = Number(steps) > 0;
if (!from || !data || !(trains || transferred)) {
  console.error('usage: node scripts/studio-few-labels.mjs RUN DATA [LABELLED] [CASES] [STEPS] [transfer]');
  process.exit(1);
}
const root = mkdtempSync(join(tmpdir(), 'cover-few-labels-'));
const [runs, images] = [join(root, 'runs'), join(root, 'images')];
mkdirSync(images);
mkdirSync(runs);
const names = readdirSync(join(data, 'labels'))
  .filter((name) => name.endsWith('.png'))
  .sort()
  .slice(0, Number(most));
for (const name of names) cpSync(join(data, 'images', name), join(images, name));
// A link would lead out of the folder of the runs.
if (from !== 'scratch') cpSync(from, join(runs, 'pretrained'), { recursive: true });
const studio = await startStudio({ runs, data: images });
const ask = async (path, content) => {
  const bytes = content instanceof Uint8Array;
  const options = content && {
    method: 'POST',
    headers: {
      origin: studio.address.slice(0, -1),
      'content-type': bytes ? 'application/octet-stream' : 'application/json',
    },
    body: bytes ? content : JSON.stringify(content),
  };
  const answer = await fetch(`${studio.address}api/${path}`, options);
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return answer;
};
const truth = async (id) => (await readLabels(join(data, 'labels', `${id}.png`))).data;
const ids = names.map((name) => basename(name, '.png'));
const classes = Math.max(
  ...(await Promise.all(ids.map(truth))).map((map) => map.reduce((a, b) => Math.max(a, b % 255), 0)),
);
const project = 'few';
await ask('projects', {
  name: project,
  folder: '.',
  classes: Array.from({ length: classes + 1 }, (_, index) => (index === 0 ? 'background' : `class ${index}`)),
  from: from === 'scratch' ? 'scratch' : 'pretrained',
});
const started = performance.now();
// Spread over the folder, whose order may be that of hospitals.
const chosen = ids
  .filter((_, index) => index % Math.floor(ids.length / Number(labelled)) === 0)
  .slice(0, Number(labelled));
for (const id of chosen) await ask(`projects/drawn?project=${project}&id=${encodeURIComponent(id)}`, await truth(id));
if (transferred) await predicted({ run: '', step: 0, atlas: true });
const run = trains ? await train() : '';
const trained = performance.now();
if (trains) await predicted({ run, step: Number(steps), atlas: false });
const ended = performance.now();
const sums = Array.from({ length: classes }, () => [0, 0]);
for (const id of ids.filter((one) => !chosen.includes(one))) {
  const answer = await ask(`projects/prediction?project=${project}&id=${encodeURIComponent(id)}`);
  const { arrays } = decodeFrame(await answer.arrayBuffer());
  const data = await truth(id);
  const shape = [1, data.length];
  classDices({ shape, data: arrays.labels }, { shape, data }, classes + 1, 255).forEach((dice, index) => {
    if (dice === null) return;
    sums[index][0] += dice;
    sums[index][1]++;
  });
}
const means = sums.map(([sum, count]) => sum / Math.max(1, count));
console.log(`${chosen.length} labelled, ${ids.length - chosen.length} others`);
console.log(`Dice ${means.map((mean, index) => `class ${index + 1} ${mean.toFixed(3)}`).join('  ')}`);
console.log(`mean ${(means.reduce((a, b) => a + b, 0) / means.length).toFixed(3)}`);
console.log(
  `${((trained - started) / 1000).toFixed(0)} s to the network, ${((ended - started) / 1000).toFixed(0)} s to all masks`,
);
await studio.close();
rmSync(root, { recursive: true });
process.exit();

async function predicted(by) {
  await ask('projects/predict', { project, ...by });
  for (;;) {
    await new Promise((wait) => setTimeout(wait, 300));
    const { done, total, error } = await (await ask('projects/progress')).json();
    if (error) throw new Error(error);
    if (total > 0 && done === total) return;
  }
}

async function train() {
  const settings = ['batch.size=2', 'schedule.warmup=10'];
  if (from === 'scratch') settings.push('model.channels=[8,16,32,64,64,64,32,16,8]', 'data.size=[128,128]');
  const { run } = await (await ask('projects/train', { project, steps: Number(steps), transferred, settings })).json();
  for (;;) {
    await new Promise((wait) => setTimeout(wait, 500));
    const found = (await (await ask('runs')).json()).find(({ id }) => id === run);
    if (found?.state === 'finished') return run;
    if (found?.state === 'failed') throw new Error(found.message);
  }
}
