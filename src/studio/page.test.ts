/**
 * The page in a real browser, from the first run to masks: a pretraining is started and watched, three phantoms are
 * labelled with the pointer, Train is pressed, and the rest is compared with the truth.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { cover } from '../pretrain/fixtures.js';
import { axe } from '../testing/chromium/axe.js';
import { CASES, CLASSES, checkSteady, ids, LABELLED, PRETRAINING, SIDE, StudioPage, skip, until } from './fixtures.js';
import { decodeFrame } from './shared/frame.js';
import type { PredictionProgress, RunSummary } from './shared/protocol.js';

const opened = new StudioPage();
before(async () => {
  if (!skip) await opened.open();
});
after(() => opened.close());

async function api<T>(path: string): Promise<T> {
  return (await fetch(`${opened.studio.address}api/${path}`)).json() as Promise<T>;
}

test("a room that comes late takes nobody's place; an address that encodes nothing is told", { skip }, async () => {
  const { page, context } = opened;
  await opened.enter('runs');
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
  const asked = page.waitForRequest('**/assets/*.js');
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await context.route('**/assets/*.js', (route) => held.then(() => route.continue()));
  await page.getByRole('link', { name: 'Match' }).click();
  const late = (await asked).response();
  await page.getByRole('link', { name: 'Runs' }).click();
  await page.getByRole('heading', { name: 'Runs', level: 1 }).waitFor();
  release();
  await (await late)!.finished();
  await page.waitForTimeout(300);
  assert.equal(await page.locator('main h1').textContent(), 'Runs');
  await context.unroute('**/assets/*.js');
  await opened.enter('label/%E0');
  await page.getByText('expected a name of letters').waitFor();
  assert.equal(await page.locator('main h1').count(), 1);
  await page.getByRole('link', { name: 'all projects' }).click();
  await page.getByRole('heading', { name: 'Label and train', level: 1 }).waitFor();
  assert.ok(
    opened.complaints.every((said) => said.includes('400')),
    opened.complaints.join('\n'),
  );
  opened.complaints.length = 0;
});

test('a run is started from the page, and its points arrive without a reload', { skip }, async () => {
  await opened.enter('start');
  await opened.page.getByRole('button', { name: 'chests/' }).click();
  await opened.page.getByRole('button', { name: 'Look at every file' }).click();
  await opened.page.getByText(`${CASES} of ${CASES} files are fit`).waitFor();
  await opened.page.getByLabel('Name of the run').fill('pre');
  await opened.page.getByLabel('Network').selectOption('small');
  await opened.page.getByLabel('Steps').fill('30');
  await opened.page.getByLabel('Images in a batch').fill('2');
  const settings = [...PRETRAINING, 'views.curriculum.steps=12', 'schedule.warmup=5', 'run.validateEvery=10'];
  await opened.page.getByLabel('Further settings').fill(settings.join('\n'));
  await opened.page.getByRole('button', { name: 'Estimate' }).click();
  const estimate = opened.page.getByText('that are free');
  await estimate.waitFor();
  // It is not that of other settings.
  await opened.page.getByLabel('Images in a batch').fill('3');
  await estimate.waitFor({ state: 'detached' });
  await opened.page.getByLabel('Images in a batch').fill('2');
  await estimate.waitFor();
  await opened.page.getByRole('button', { name: 'Start', exact: true }).click();
  const chart = opened.page.locator('section[aria-label="Loss"] .chart');
  await chart.waitFor({ timeout: 60_000 });
  const points = async () => Number(await chart.getAttribute('data-points'));
  await until('points', 60, async () => (await points()) > 3);
  const first = await points();
  await until('more points', 60, async () => (await points()) > first);
  await until('the end of the run', 120, async () => {
    const [run] = await api<RunSummary[]>('runs');
    return run?.state === 'finished';
  });
  await opened.page.locator('.state.finished').waitFor();
  assert.equal(await points(), 30);
  await opened.page.locator('section[aria-label="Endpoint error, px or voxels"]').waitFor();
});

/** Of the predictions of all that is not labelled, over cases and organs. */
async function meanDiceOfRest(): Promise<number> {
  const dices: number[] = [];
  for (const id of ids.slice(LABELLED)) {
    const answer = await fetch(`${opened.studio.address}api/projects/prediction?project=chests&id=${id}`);
    const { arrays } = decodeFrame(await answer.arrayBuffer());
    dices.push(...(await opened.dicesOf(id, Uint8Array.from(arrays.labels!))));
    assert.equal(arrays.certainty?.length, SIDE * SIDE);
  }
  return dices.reduce((sum, dice) => sum + dice, 0) / dices.length;
}

async function drawnOn(id: string): Promise<Uint8Array> {
  const answer = await fetch(`${opened.studio.address}api/projects/drawn?project=chests&id=${id}`);
  assert.equal(answer.status, 200, id);
  return Uint8Array.from(decodeFrame(await answer.arrayBuffer()).arrays.labels ?? []);
}

test('three phantoms are labelled with the pointer; a page that is closed in the middle loses nothing', {
  skip,
}, async () => {
  await opened.enter('label');
  await opened.page.getByLabel('Name').fill('chests');
  await opened.page.getByRole('button', { name: 'chests/' }).click();
  await opened.page.getByLabel('Classes beside the background').fill(CLASSES.slice(1).join(', '));
  await opened.page.getByRole('button', { name: 'Begin' }).click();
  for (const id of ids.slice(0, LABELLED)) {
    await opened.page.locator('.case-list button', { hasText: id }).click();
    await opened.page.locator('.viewer .caption', { hasText: id }).waitFor();
    const drawn = await opened.drawTruth(id);
    if (id === ids[1]) {
      // The server cannot be reached for the last stroke, and the page is closed before it comes back.
      await opened.context.route('**/api/projects/drawn**', (route) => route.abort());
      const canvas = (await opened.page.locator('.viewer canvas').first().boundingBox())!;
      await opened.page.mouse.click(canvas.x + (1.5 * canvas.width) / SIDE, canvas.y + (1.5 * canvas.height) / SIDE);
      drawn[SIDE + 1] = 3;
      await opened.page.getByText('kept in this browser').waitFor();
      await opened.page.close();
      await opened.context.unroute('**/api/projects/drawn**');
      opened.complaints.length = 0;
      await opened.anew();
      await opened.enter('label/chests');
      await opened.page.locator('.viewer .caption', { hasText: id }).waitFor();
    }
    await until(`${id} is saved`, 10, async () => Buffer.compare(await drawnOn(id), drawn) === 0);
  }
  await opened.page.getByText(`${LABELLED} of ${CASES} labelled`).waitFor();
  // What was drawn is undone and done again, stroke by stroke.
  const last = ids[LABELLED - 1]!;
  const before = await drawnOn(last);
  for (let step = 0; step < 5; step++) await opened.page.keyboard.press('z');
  await until('undone', 5, async () => Buffer.compare(await drawnOn(last), before) !== 0);
  for (let step = 0; step < 5; step++) await opened.page.keyboard.press('Shift+Z');
  await until('done again', 5, async () => Buffer.compare(await drawnOn(last), before) === 0);
});

test('labels are transferred to the others before any training', { skip }, async () => {
  const { page } = opened;
  await page.getByRole('button', { name: 'Transfer labels' }).click();
  await page.getByText(`Labels transferred to all ${CASES} cases by pre`).waitFor({ timeout: 60_000 });
  await page.locator('.case-list').getByText('uncertain').first().waitFor();
  await page.getByLabel(`train on the ${CASES - LABELLED} transferred labels, too`).waitFor();
  // A page that is opened anew does not predict again.
  await opened.anew();
  await opened.enter('label/chests');
  const { project, atlas, done } = await api<PredictionProgress>('projects/progress');
  assert.deepEqual({ project, atlas, done }, { project: 'chests', atlas: 'pre', done: CASES });
  const mean = await meanDiceOfRest();
  console.log(`mean Dice of transferred labels ${mean.toFixed(3)}`);
  assert.ok(mean > 0.5, `mean Dice ${mean.toFixed(3)}`);
});

test('Train is pressed, the page is closed and opened, and the rest has a Dice above 0.9', { skip }, async () => {
  await opened.page.getByLabel('Steps').fill('120');
  await opened.page.getByRole('button', { name: 'Train', exact: true }).click();
  await opened.page.getByText(/step \d+ of 120/).waitFor();
  await opened.anew();
  await opened.enter('label/chests');
  await opened.page.getByText(`All ${CASES} cases predicted`).waitFor({ timeout: 180_000 });
  await opened.page.locator('.case-list').getByText('uncertain').first().waitFor();
  const mean = await meanDiceOfRest();
  console.log(`mean Dice ${mean.toFixed(3)}`);
  assert.ok(mean > 0.9, `mean Dice ${mean.toFixed(3)}`);
  // The proposed case is the most uncertain one that is not labelled.
  await opened.page.getByRole('button', { name: 'Next' }).click();
  const open = await opened.page.locator('.case-list [aria-current] span').first().textContent();
  assert.ok(ids.slice(LABELLED).includes(open ?? ''));
  // Or the one that is least like those that are labelled.
  await opened.page.getByLabel('Next is').selectOption('farthest');
  const distances = await api<Record<string, number>>('projects/distances?project=chests');
  assert.deepEqual(Object.keys(distances).sort(), ids);
  for (const id of ids.slice(0, LABELLED)) assert.equal(distances[id], 0);
  const others = ids.slice(LABELLED).filter((id) => id !== open);
  const farthest = others.reduce((most, id) => (distances[id]! > distances[most]! ? id : most));
  await opened.page.locator('.case-list').getByText('distance').first().waitFor();
  await opened.page.getByRole('button', { name: 'Next' }).click();
  assert.equal(await opened.page.locator('.case-list [aria-current] span').first().textContent(), farthest);
});

test('a click grows a region by features; the match of a pair is found at the speed of the pointer', {
  skip,
}, async () => {
  await opened.page.keyboard.press('g');
  await opened.page.keyboard.press('1');
  const canvas = (await opened.page.locator('.viewer canvas').first().boundingBox())!;
  await opened.page.mouse.click(canvas.x + 0.3 * canvas.width, canvas.y + 0.45 * canvas.height);
  const open = (await opened.page.locator('.case-list [aria-current] span').first().textContent())!;
  await until('the region', 15, async () => (await drawnOn(open)).filter((value) => value === 1).length > 20);

  for (const [side, id] of [
    ['a', ids[0]],
    ['b', ids[1]],
  ]) {
    await opened.page.evaluate(`localStorage.setItem('cover.match.${side}', '"chests/images/${id}.png"')`);
  }
  // The pointer may come to an image before the browser tells its size.
  await opened.page.evaluate(`globalThis.ResizeObserver = class extends ResizeObserver {
    observe(element) { setTimeout(() => super.observe(element), 500) }
  }`);
  await opened.enter('match');
  // The room before it has a viewer, too.
  await opened.page.getByRole('heading', { name: 'Match' }).waitFor();
  const first = opened.page.locator('.viewer canvas').first();
  await first.waitFor();
  const box = (await first.boundingBox())!;
  const times: number[] = [];
  for (let step = 1; step < 12; step++) {
    await opened.page.mouse.move(box.x + (step / 12) * box.width, box.y + 0.5 * box.height);
    const shown = opened.page.locator('[data-took]');
    await shown.getByText('cosine').waitFor();
    times.push(Number(await shown.getAttribute('data-took')));
  }
  times.sort((a, b) => a - b);
  assert.ok(times[times.length >> 1]! < 50, `${times.join(', ')} ms`);
  await opened.page.getByRole('button', { name: 'Lay the first over the second' }).click();
  await opened.page.getByText('mean displacement').waitFor();
});

test('segmentations from the worst, and views of a sample', { skip }, async () => {
  await opened.enter('results');
  await opened.page.locator('label.field', { hasText: 'Cases' }).locator('select').selectOption('train');
  await opened.page.locator('.case-table tbody tr').nth(LABELLED).waitFor();
  const scores = await opened.page.locator('.case-table tbody tr td:first-of-type').allTextContents();
  const dices = scores.slice(0, LABELLED).map(Number);
  assert.deepEqual(
    dices,
    dices.toSorted((a, b) => a - b),
  );
  // Another run, which was begun by hand, names a class that loses small pieces.
  const settings = [`data.size=[${SIDE},${SIDE}]`, 'schedule.steps=1', 'data.removeIslands=["class 3"]'];
  const flags = [...settings, 'schedule.warmup=0', 'model.channels=[8,8,8,8,8,8,8,8,8]'];
  const to = ['-o', join(opened.runs, 'by-hand'), '--from', 'scratch'];
  const all = ['finetune', join(opened.data, 'chests'), ...to, ...flags.flatMap((one) => ['--set', one])];
  const { status, stderr } = cover(...all);
  assert.equal(status, 0, stderr);
  await opened.page.reload();
  await opened.page.locator('label.field', { hasText: 'Network' }).locator('select').selectOption('by-hand');
  await opened.page.getByText('Without small pieces apart: class 3').waitFor();
  await opened.enter('views');
  await opened.page.getByText('of a field of zeros').waitFor();
  assert.equal(await opened.page.locator('.viewer canvas').count(), 6);
});

test('axe finds nothing in any room, dark and light, wide and narrow', { skip }, async () => {
  for (const theme of ['dark', 'light']) {
    await opened.page.evaluate(`localStorage.setItem('cover.theme', '${theme}')`);
    await opened.page.setViewportSize(theme === 'dark' ? { width: 1280, height: 900 } : { width: 390, height: 844 });
    for (const room of ['runs', 'label', 'label/chests', 'results', 'views', 'match', 'start']) {
      await opened.enter(room);
      await opened.page.reload();
      await opened.page.locator('main h1').waitFor();
      await opened.page.waitForTimeout(400);
      await checkSteady(opened.page, `${room}, ${theme}`);
      const { found, looked } = await axe(opened.page);
      assert.deepEqual(found, [], `${room}, ${theme}`);
      assert.ok(looked > 15, `${room}: ${looked} rules looked at something`);
      const wide = Number(await opened.page.evaluate('document.documentElement.scrollWidth - innerWidth'));
      assert.ok(wide <= 0, `${room}: ${wide} px too wide`);
      const high = Number(await opened.page.evaluate('document.documentElement.scrollHeight - innerHeight'));
      assert.ok(high <= 0, `${room}: ${high} px below its window`);
    }
  }
});

test('no request went to another host, and the page made no error', { skip }, () => {
  const urls = new Set(opened.requests.map((request) => request.url()));
  const foreign = [...urls].filter((url) => !url.startsWith(opened.studio.address) && !/^(blob|data):/.test(url));
  assert.deepEqual(foreign, []);
  assert.ok(urls.size > 20);
  assert.deepEqual(opened.complaints, []);
});
