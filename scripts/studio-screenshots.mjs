// The pictures of docs/studio.md: phantoms are drawn, networks trained, and every room of the studio is photographed.
//
//   npm run build && node scripts/studio-screenshots.mjs [FOLDER] [images|volumes]
//
// FOLDER keeps the phantoms and the runs, so that a second call only takes the pictures; about 5 minutes on two cores
// else. The last word chooses the pictures of radiographs or of volumes; both without it. Needs Debian's Chromium, or
// another one in COVER_CHROMIUM.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { readLabels } from '../dist/data/labelled/index.js';
import { writePhantoms } from '../dist/phantom/index.js';
import { startStudio } from '../dist/studio/server/index.js';
import { openBrowser } from '../dist/testing/chromium/launch.js';

const [folder = mkdtempSync(join(tmpdir(), 'cover-studio-pictures-')), only] = process.argv.slice(2);
const kinds = { images: takeImages, volumes: takeVolumes };
if (only !== undefined && !Object.hasOwn(kinds, only)) throw new Error(`${only}: expected images or volumes`);
const docs = fileURLToPath(new URL('../docs/', import.meta.url));
const cover = fileURLToPath(new URL('../dist/program/cover.js', import.meta.url));
const [runs, data] = [join(folder, 'runs'), join(folder, 'data')];
const chests = join(data, 'chests');
const network = ['views.crop=[96,96]', 'views.margin=1.33', 'model.channels=[8,16,32,64,64,64,32,16,8]'];
const training = ['optimizer.rate=1e-3', 'schedule.warmup=10', `data.cache=${JSON.stringify(join(folder, 'cache'))}`];

const pretrain = (name, source, ...more) => {
  const run = join(runs, name);
  if (existsSync(join(run, 'report.html'))) return;
  const settings = [...training, 'views.degree=0.75', ...more].flatMap((one) => ['--set', one]);
  execFileSync(process.execPath, [cover, 'pretrain', source, '-o', run, ...settings], { stdio: 'inherit' });
};

mkdirSync(data, { recursive: true });
const studio = await startStudio({ runs, data });
const browser = await openBrowser({ viewport: { width: 1280, height: 860 } });
const page = await browser.context.newPage();
page.setDefaultTimeout(300_000);
const enter = async (room, kept = {}) => {
  await page.goto(studio.address);
  for (const [key, value] of Object.entries(kept)) {
    await page.evaluate(([name, text]) => localStorage.setItem(`cover.${name}`, text), [key, JSON.stringify(value)]);
  }
  await page.goto(`${studio.address}#/${room}`);
  await page.reload();
  await page.locator('main h1').waitFor();
};
const shoot = async (name) => {
  await page.waitForTimeout(700);
  const png = await page.screenshot();
  await sharp(png)
    .png({ palette: true, quality: 92, effort: 10 })
    .toFile(join(docs, `studio-${name}.png`));
};
const api = async (path, content) => {
  const bytes = content instanceof Uint8Array;
  const type = bytes ? 'application/octet-stream' : 'application/json';
  const sent = await fetch(`${studio.address}api/${path}`, {
    method: 'POST',
    headers: { origin: studio.address.slice(0, -1), 'content-type': type },
    body: bytes ? content : JSON.stringify(content),
  });
  if (!sent.ok && sent.status !== 409) throw new Error(`${path}: ${await sent.text()}`);
};

for (const [kind, take] of Object.entries(kinds)) if (only === undefined || only === kind) await take();

await browser.close();
await studio.close();
console.log(`docs/studio-*.png are written; the runs lie in ${folder}`);
process.exit();

async function takeImages() {
  if (!existsSync(join(chests, 'splits.json'))) await writePhantoms(chests, 40, { size: [192, 192], seed: 3 });
  const steps = ['views.curriculum.steps=120', 'schedule.steps=300', 'run.validateEvery=50'];
  pretrain('chests-pretrained', chests, ...network, ...steps);
  pretrain('chests-contrast', chests, ...network, 'method=contrast', 'schedule.steps=120', 'run.validateEvery=40');

  // Four phantoms have labels, one of which is held out.
  const classes = ['background', 'right lung', 'left lung', 'heart'];
  await api('projects', { name: 'chests', folder: 'chests', classes, from: 'chests-pretrained' });
  const labelled = ['chest-0000', 'chest-0001', 'chest-0002', 'chest-0003'];
  for (const id of labelled) {
    const { data: truth } = await readLabels(join(chests, 'labels', `${id}.png`));
    await api(
      `projects/drawn?project=chests&id=${id}`,
      truth.map((value) => (value === 0 || value >= classes.length ? 255 : value)),
    );
  }
  await api('projects/hold', { project: 'chests', id: 'chest-0003', held: true });
  await enter('label/chests', { 'label.layout': 'one' });
  if (!existsSync(join(runs, 'chests-1'))) {
    await page.getByLabel('Steps').fill('200');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
  }
  await page
    .getByText(/uncertain \d/)
    .first()
    .waitFor();
  await page
    .getByText(/All \d+ cases predicted/)
    .waitFor({ timeout: 20_000 })
    .catch(() => {});

  await enter('runs', { 'runs.chosen': ['chests-pretrained', 'chests-contrast'] });
  await page.locator('.chart canvas').first().waitFor();
  await shoot('runs');

  await enter('label/chests', { 'label.case.chests': 'chest-0002', 'label.layout': 'two' });
  await page.locator('.viewer canvas').nth(1).waitFor();
  await page.getByRole('radio', { name: 'heart' }).check();
  const canvas = await page.locator('.viewer canvas').first().boundingBox();
  await page.mouse.move(canvas.x + 0.62 * canvas.width, canvas.y + 0.6 * canvas.height);
  await shoot('label');
  await enter('label/chests', { 'label.case.chests': 'chest-0015', 'label.layout': 'one' });
  await page.locator('.viewer canvas').first().waitFor();
  await page.getByLabel('Show').selectOption('certainty');
  await shoot('certainty');

  await enter('results', { 'results.run': 'chests-1', 'results.split': 'all' });
  await page.locator('.case-table tbody tr').nth(labelled.length).waitFor();
  await shoot('results');

  await enter('views', { 'views.run': 'chests-pretrained' });
  await page.getByText('of a field of zeros').waitFor();
  await shoot('views');

  await enter('match', {
    'match.run': 'chests-pretrained',
    'match.a': 'chests/images/chest-0000.png',
    'match.b': 'chests/images/chest-0001.png',
  });
  const first = page.locator('.viewer canvas').first();
  await first.waitFor();
  const box = await first.boundingBox();
  for (const [x, y] of [
    [0.2, 0.75],
    [0.42, 0.2],
    [0.68, 0.55],
    [0.87, 0.7],
  ]) {
    await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
  }
  await page.mouse.move(box.x + 0.66 * box.width, box.y + 0.62 * box.height);
  await shoot('match');

  await enter('start');
  await page.getByRole('button', { name: 'chests/' }).click();
  await page.getByRole('button', { name: 'Look at every file' }).click();
  await page.getByText('files are fit').waitFor();
  await page.getByLabel('Name of the run').fill('chests-longer');
  await page.getByLabel('Network').selectOption('small');
  await page.getByLabel('Views, pixels').selectOption('96');
  await page.getByRole('button', { name: 'Estimate' }).click();
  await page.getByText('that are free').waitFor();
  await shoot('start');
}

async function takeVolumes() {
  const solid = join(data, 'volumes');
  if (!existsSync(join(solid, 'splits.json'))) await writePhantoms(solid, 8, { size: [48, 44, 52], seed: 5 });
  pretrain(
    'volumes-pretrained',
    solid,
    ...['views.crop=[32,32,32]', 'views.margin=1.25', 'model.channels=[8,16,16,32,32,32,16,16,8]', 'batch.size=1'],
    ...['views.curriculum.steps=60', 'schedule.steps=120', 'run.validateEvery=40'],
  );
  const names = ['background', 'right lung', 'left lung', 'heart'];
  await api('projects', { name: 'volumes', folder: 'volumes', classes: names, from: 'volumes-pretrained' });
  for (const id of ['chest-0000', 'chest-0001', 'chest-0002']) {
    const { data: truth } = await readLabels(join(solid, 'labels', `${id}.nii.gz`));
    await api(
      `projects/drawn?project=volumes&id=${id}`,
      truth.map((value) => (value === 0 || value >= names.length ? 255 : value)),
    );
  }
  await api('projects/hold', { project: 'volumes', id: 'chest-0002', held: true });
  await enter('label/volumes', { 'label.case.volumes': 'chest-0001', 'label.layout': 'one' });
  await page.locator('.viewer canvas').nth(2).waitFor();
  await page.getByRole('radio', { name: 'heart' }).check();
  const box = await page.locator('.viewer canvas').first().boundingBox();
  await page.mouse.move(box.x + 0.55 * box.width, box.y + 0.4 * box.height);
  await shoot('volume-label');

  await enter('views', { 'views.run': 'volumes-pretrained' });
  await page.getByText('of a field of zeros').waitFor();
  await shoot('volume-views');

  await enter('match', {
    'match.run': 'volumes-pretrained',
    'match.a': 'volumes/images/chest-0000.nii.gz',
    'match.b': 'volumes/images/chest-0001.nii.gz',
  });
  const first = page.locator('.viewer canvas').first();
  await first.waitFor();
  const place = await first.boundingBox();
  await page.mouse.click(place.x + 0.6 * place.width, place.y + 0.4 * place.height);
  await shoot('volume-match');
}
