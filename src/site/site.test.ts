/**
 * The built site in headless Chromium, given out by a plain host from a path below its top: the documentation, the
 * playground from phantoms to Dice, a new version, and all of it when the host no longer answers.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { axe } from '../testing/chromium/axe.js';
import { type Browser, missingChromium, openBrowser } from '../testing/chromium/launch.js';
import { type Server, serveFolders } from '../testing/chromium/serve.js';
import { buildSite } from './build.js';
import { siteHeaders } from './policy.js';

const skip = missingChromium() ?? false;
const root = mkdtempSync(join(tmpdir(), 'cover-built-site-'));
const folder = join(root, 'site');
const PATH = '/some/where/';
const PHANTOMS = 12;

const requests = new Set<string>();
const complaints: string[] = [];
let server: Server;
let browser: Browser | undefined;
let page: Page;
let top: string;

before(async () => {
  await buildSite(folder);
  // Neither headers for isolation nor a policy: what a site needs, it brings along.
  server = await serveFolders({ [PATH]: folder }, {});
  top = server.address + PATH.slice(1);
  if (skip) return;
  browser = await openBrowser();
  browser.context.on('request', (request) => requests.add(request.url()));
  page = await opened();
});
after(async () => {
  await browser?.close();
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

async function opened(): Promise<Page> {
  const fresh = await browser!.context.newPage();
  fresh.on('pageerror', (error) => complaints.push(error.message));
  fresh.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  fresh.setDefaultTimeout(60_000);
  return fresh;
}

const heading = () => page.locator('main h1').first().textContent();

/** Nothing that axe finds, and nothing wider than the window. */
async function checkPage(theme: 'dark' | 'light', place: string): Promise<void> {
  await page.setViewportSize(theme === 'dark' ? { width: 1280, height: 900 } : { width: 390, height: 844 });
  await page.evaluate(`localStorage.setItem('cover.theme', '${theme}')`);
  await page.goto(top + place);
  await page.locator('main h1').waitFor();
  assert.equal(await page.evaluate('document.documentElement.dataset.theme'), theme);
  const { found, looked } = await axe(page);
  assert.deepEqual(found, [], `${place}, ${theme}`);
  assert.ok(looked > 15, `${place}: ${looked} rules looked at something`);
  const wide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
  assert.ok(wide <= 0, `${place}, ${theme}: ${wide} px too wide`);
}

test('a folder of other files is left alone', async () => {
  const other = join(root, 'other');
  mkdirSync(other);
  writeFileSync(join(other, 'thesis.txt'), 'years');
  await assert.rejects(buildSite(other), /expected an older site or an empty folder, found other files/);
  assert.equal(readFileSync(join(other, 'thesis.txt'), 'utf8'), 'years');
});

test('the headers are those that docs/site.md tells', () => {
  const told = readFileSync(new URL('../../docs/site.md', import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(siteHeaders))
    assert.ok(told.includes(`| \`${name}\` | \`${value}\` |`), name);
});

test('every address of every page is answered, and no page has a script or a style within it', async () => {
  const waiting = [top];
  const seen = new Set(waiting);
  let pages = 0;
  for (let address = waiting.pop(); address; address = waiting.pop()) {
    const answer = await fetch(address);
    const text = await answer.text();
    assert.equal(answer.status, 200, address);
    if (!answer.headers.get('content-type')?.startsWith('text/html')) continue;
    pages++;
    assert.doesNotMatch(text, /<style|<script(?![^>]* src=)|<[^>]+ (style|on\w+)=/, address);
    assert.match(text, /http-equiv="Content-Security-Policy" content="default-src 'none'; .*connect-src 'self'/);
    for (const [, link] of text.matchAll(/ (?:href|src)="([^"#]+)/g)) {
      if (/^[a-z]+:/i.test(link!)) continue;
      const next = new URL(link!, address).href;
      assert.ok(next.startsWith(top), `${address}: ${link} leads out of the site`);
      if (!seen.has(next)) waiting.push(next);
      seen.add(next);
    }
  }
  const docs = readdirSync(join(folder, 'docs')).filter((name) => name.endsWith('.html'));
  assert.ok(docs.length > 20 && docs.every((name) => name === 'index.html' || seen.has(`${top}docs/${name}`)));
  assert.ok(pages > docs.length);
});

test('the playground goes from phantoms to the Dice of a trained network', { skip }, async () => {
  await page.goto(`${top}playground/`);
  // Nothing has been kept yet and the host isolates nothing: the page works with one thread.
  assert.equal(await page.evaluate('crossOriginIsolated'), false);
  await page.getByLabel('How many').selectOption(String(PHANTOMS));
  await page.getByRole('button', { name: 'Draw phantoms' }).click();
  await page.getByText(`${PHANTOMS} phantoms of`).waitFor();
  await page.getByLabel('Steps').first().fill('3');
  await page.getByRole('button', { name: 'Pretrain', exact: true }).click();
  const chart = page.locator('section[aria-label="Parts of the loss"] .chart');
  await chart.waitFor();
  await page.getByText('the endpoint error on phantoms').waitFor();
  // Two curves of three steps.
  assert.equal(await chart.getAttribute('data-points'), '6');
  await page.getByRole('button', { name: 'Let the page label 3' }).click();
  await page.getByText(`3 of ${PHANTOMS} labelled`).waitFor();
  await page.locator('section[aria-label="Training"]').getByLabel('Steps').fill('3');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.locator('[data-dice]').waitFor();
  const dice = Number(await page.locator('[data-dice]').textContent());
  assert.ok(dice > 0 && dice < 1, `Dice ${dice}`);
  assert.equal(await page.locator('.case-table tbody tr').count(), PHANTOMS - 3);
  await page.locator('[data-kept="kept"]').waitFor();
});

test('the documentation opens, and its links lead to places within pages', { skip }, async () => {
  await page.goto(top);
  assert.equal(await heading(), 'COVER for TypeScript');
  await page.goto(`${top}docs/`);
  await page.getByRole('link', { name: 'every setting' }).click();
  assert.equal(page.url(), `${top}docs/pretraining.html#settings`);
  await page.locator('#settings').waitFor();
  await page.getByRole('button', { name: 'Light page' }).click();
  assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'light');
});

test('a browser in which a page cannot keep anything is told', { skip }, async () => {
  const other = await browser!.context.newPage();
  await other.addInitScript('delete FileSystemFileHandle.prototype.createWritable');
  await other.goto(`${top}playground/`);
  await other.getByText('This browser gives pages no files to write to').waitFor();
  await other.close();
});

test('axe finds nothing, dark and light, wide and narrow', { skip }, async () => {
  for (const theme of ['dark', 'light'] as const) {
    for (const place of ['docs/finetuning.html', 'src/train/index.html', 'playground/']) await checkPage(theme, place);
  }
});

test('a new version is taken when the last page of the old one is closed, and only what changed is fetched', {
  skip,
}, async () => {
  const file = join(folder, 'docs/using.html');
  const digestOf = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;
  const old = readFileSync(file, 'utf8');
  const fresh = old.replace('Using a pretrained network</h1>', 'A newer page</h1>');
  assert.notEqual(fresh, old);
  const worker = readFileSync(join(folder, 'service-worker.js'), 'utf8');
  assert.ok(worker.includes(digestOf(old)));
  writeFileSync(file, fresh);
  writeFileSync(join(folder, 'service-worker.js'), worker.replace(digestOf(old), digestOf(fresh)));
  // The visit itself may begin the update.
  const before = server.asked.length;
  await page.goto(`${top}docs/using.html`);
  assert.equal(await heading(), 'Using a pretrained network');
  const waits =
    'navigator.serviceWorker.getRegistration().then((one) => one.update()).then((one) => one.waiting !== null)';
  for (let tries = 0; tries < 100 && !(await page.evaluate(waits)); tries++) await page.waitForTimeout(100);
  const asked = (since: number) => [...new Set(server.asked.slice(since))].sort();
  assert.deepEqual(asked(before), [`${PATH}docs/using.html`, `${PATH}service-worker.js`]);
  // The browser takes its time between the last page and the new version; a page that is asked for in between may come
  // from the host, or wait for a worker that goes until it is asked for again.
  const reached = async () => {
    const answer = await page.goto(`${top}docs/using.html`, { timeout: 10_000 });
    return answer!.fromServiceWorker() && (await heading()) === 'A newer page';
  };
  let taken = false;
  for (let tries = 0; tries < 60 && !taken; tries++) {
    await page.goto('about:blank');
    await page.waitForTimeout(Math.min(50 * tries, 500));
    taken = await reached().catch((error: Error) => {
      if (error.name !== 'TimeoutError') throw error;
      return false;
    });
  }
  assert.ok(taken);
  const settled = server.asked.length;
  await page.reload();
  assert.equal(await heading(), 'A newer page');
  assert.deepEqual(
    asked(settled).filter((place) => place !== `${PATH}service-worker.js`),
    [],
  );
});

test('when the host no longer answers, all of it is still there', { skip }, async () => {
  await server.close();
  const answer = await page.goto(top);
  assert.ok(answer);
  assert.ok(answer.fromServiceWorker());
  for (const [name, value] of Object.entries(siteHeaders)) assert.equal(answer.headers()[name], value);
  await page.goto(`${top}docs/`);
  await page.getByRole('link', { name: 'clusters' }).click();
  assert.equal(await heading(), 'On a cluster');
  assert.ok(await page.evaluate('[...document.images].every((one) => !one.complete || one.naturalWidth > 0)'));
  await page.goto(`${top}playground/`);
  await page.locator('[data-dice]').waitFor();
  assert.equal(await page.evaluate('crossOriginIsolated'), true);
  for (const room of ['Runs', 'Segmentations', 'Views and vectors', 'Match', 'Start a run', 'Label and train']) {
    await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: room }).click();
    await page.getByRole('heading', { name: room, level: 1 }).waitFor();
  }
  // The network answers, too.
  await page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name: 'Views and vectors' }).click();
  await page.getByText('of a field of zeros').waitFor();
});

test('no request went to another host, and no page made an error', { skip }, () => {
  assert.deepEqual(
    [...requests].filter((url) => !url.startsWith(top) && !/^(blob|data|about):/.test(url)),
    [],
  );
  assert.ok(requests.size > 30);
  assert.deepEqual(complaints, []);
});
