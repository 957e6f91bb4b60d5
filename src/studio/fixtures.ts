/** A studio with phantoms, in a real browser: what the tests of the page share. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page, Request } from 'playwright-core';
import { readLabels } from '../data/labelled/index.js';
import { FINDINGS, type Finding, findingOf } from '../engine/web/quicker.js';
import { MOST_THREADS } from '../engine/web/start.js';
import { classDices } from '../finetune/segmentation/look.js';
import { writePhantoms } from '../phantom/index.js';
import { type Browser, missingChromium, openBrowser } from '../testing/chromium/launch.js';
import { type RunningStudio, startStudio } from './server/index.js';

export const skip = missingChromium() ?? false;
export const SIDE = 48;
export const CASES = 9;
export const LABELLED = 3;
/** Of the phantom's classes: both lungs and the heart. */
export const CLASSES = ['background', 'right lung', 'left lung', 'heart'];
export const ids = Array.from({ length: CASES }, (_, index) => `chest-${String(index).padStart(4, '0')}`);
/** Shifts of the layout that are let pass: what nobody sees. */
const STEADY = 0.001;
/** The settings of a pretraining on phantoms of this size, which a network of few channels learns. */
export const PRETRAINING = [
  `views.crop=[${SIDE},${SIDE}]`,
  'views.margin=1',
  'views.degree=0.75',
  'model.channels=[16,16,32,32,32,32,32,16,16]',
];

export class StudioPage {
  readonly root = mkdtempSync(join(tmpdir(), 'cover-studio-page-'));
  readonly runs = join(this.root, 'runs');
  readonly data = join(this.root, 'data');
  readonly requests: Request[] = [];
  /** Errors of the page. */
  readonly complaints: string[] = [];
  studio!: RunningStudio;
  #browser!: Browser;
  page!: Page;

  /** @param size of the phantoms: three extents for volumes */
  async open(cases = CASES, size: readonly number[] = [SIDE, SIDE]): Promise<void> {
    await writePhantoms(join(this.data, 'chests'), cases, { size, seed: 1 });
    this.studio = await startStudio({ runs: this.runs, data: this.data });
    this.#browser = await openBrowser({ viewport: { width: 1280, height: 900 } });
    await this.#useOneThread();
    await this.context.addInitScript(WATCH_SHIFTS);
    this.context.on('request', (request) => this.requests.push(request));
    await this.anew();
  }

  /** Other tests have the other cores: the page need not compare one thread with several, as it did within the day. */
  async #useOneThread(): Promise<void> {
    const page = await this.context.newPage();
    await page.goto(`${this.studio.address}missing`);
    const cores = Number(await page.evaluate('navigator.hardwareConcurrency'));
    const found: Finding = { threads: 1, at: Date.now() };
    const kept = [FINDINGS, findingOf(Math.min(MOST_THREADS, cores)), found] as const;
    await page.evaluate(async ([cache, place, value]) => {
      await (await caches.open(cache)).put(place, Response.json(value));
    }, kept);
    await page.close();
  }

  get context(): BrowserContext {
    return this.#browser.context;
  }

  async close(): Promise<void> {
    await this.#browser?.close();
    await this.studio?.close();
    rmSync(this.root, { recursive: true, force: true });
  }

  /** Another tab takes the place of the one that is open. */
  async anew(): Promise<void> {
    const before = this.page;
    await before?.close();
    this.page = await this.context.newPage();
    this.page.on('pageerror', (error) => this.complaints.push(error.message));
    this.page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(`${message.text()} ${message.location().url}`);
    });
    this.page.setDefaultTimeout(30_000);
  }

  enter(room: string): Promise<unknown> {
    return this.page.goto(`${this.studio.address}#/${room}`);
  }

  /** The bytes of a file of the browser's private file system; empty where there is none. */
  async kept(path: string): Promise<Uint8Array> {
    const text = await this.page.evaluate(`(async () => {
      let folder = await navigator.storage.getDirectory();
      const parts = ${JSON.stringify(path.split('/'))};
      try {
        for (const part of parts.slice(0, -1)) folder = await folder.getDirectoryHandle(part);
        const file = await (await folder.getFileHandle(parts.at(-1))).getFile();
        return [...new Uint8Array(await file.arrayBuffer())].join();
      } catch { return ''; }
    })()`);
    return Uint8Array.from(String(text).split(',').filter(Boolean), Number);
  }

  /** What a press of a button gives to keep. */
  async saved(button: string): Promise<Buffer> {
    const [file] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.getByRole('button', { name: button, exact: true }).click(),
    ]);
    return readFileSync(await file.path());
  }

  /** A stroke in an axial slice of a volume, which is counted from 1, between shares of its sides. */
  async stroke(slice: number, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
    const { page } = this;
    await page.getByRole('slider', { name: 'axial' }).fill(String(slice));
    await page.locator('.viewer .below', { hasText: `axial ${slice}` }).waitFor();
    const box = (await page.locator('.viewer canvas').first().boundingBox())!;
    await page.mouse.move(box.x + from[0] * box.width, box.y + from[1] * box.height);
    await page.mouse.down();
    await page.mouse.move(box.x + to[0] * box.width, box.y + to[1] * box.height);
    await page.mouse.up();
  }

  image(id: string): string {
    return join(this.data, 'chests', 'images', `${id}.png`);
  }

  async truth(id: string): Promise<Uint8Array> {
    return (await readLabels(join(this.data, 'chests', 'labels', `${id}.png`))).data;
  }

  /** Draws the truth of the open case with the brush: every class to and fro, as far as its rows hang together. */
  async drawTruth(id: string): Promise<Uint8Array> {
    const { page } = this;
    const truth = await this.truth(id);
    const canvas = page.locator('.viewer canvas').first();
    await canvas.waitFor();
    const box = (await canvas.boundingBox())!;
    const move = ([x, y]: Place) =>
      page.mouse.move(box.x + ((x + 0.5) * box.width) / SIDE, box.y + ((y + 0.5) * box.height) / SIDE);
    await page.keyboard.press('b');
    for (let size = 0; size < 14; size++) await page.keyboard.press('[');
    for (let label = 1; label < CLASSES.length; label++) {
      await page.keyboard.press(String(label));
      for (const [first, ...rest] of strokesOf(truth, label)) {
        await move(first!);
        await page.mouse.down();
        // As fast as a hand: several places between two frames.
        await Promise.all(rest.map(move));
        await page.mouse.up();
      }
    }
    return truth.map((value) => (value > 0 && value < CLASSES.length ? value : 255));
  }

  /** Dice of every organ of a case. The clavicles lie over the lungs, and nobody labelled them. */
  async dicesOf(id: string, prediction: Uint8Array): Promise<number[]> {
    const shape = [SIDE, SIDE];
    const truth = (await this.truth(id)).map((value) => (value === 4 ? 255 : value));
    const dices = classDices({ shape, data: prediction }, { shape, data: truth }, CLASSES.length, 255);
    return dices.map((dice) => dice ?? 0);
  }
}

type Place = readonly [x: number, y: number];

/** Strokes that cover a class and nothing else, each by its turns: they go on where the next row ends beside them. */
function strokesOf(truth: Uint8Array, label: number): Place[][] {
  const strokes: Place[][] = [];
  const inside = ([x, y]: Place) => x < SIDE && truth[y * SIDE + x] === label;
  /** The way from the end of a stroke to a place beside it in the next row, along one row and one column. */
  const wayTo = (end: Place, [x, y]: Place): Place | undefined =>
    end[1] === y - 1 && Math.abs(end[0] - x) <= 1
      ? [[end[0], y] as const, [x, end[1]] as const].find(inside)
      : undefined;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      if (!inside([x, y])) continue;
      const left: Place = [x, y];
      while (inside([x + 1, y])) x++;
      const right: Place = [x, y];
      const before = strokes.find((stroke) => wayTo(stroke.at(-1)!, left) ?? wayTo(stroke.at(-1)!, right));
      const way = before && wayTo(before.at(-1)!, left);
      if (!before) strokes.push([left, right]);
      else if (way) before.push(way, left, right);
      else before.push(wayTo(before.at(-1)!, right)!, right, left);
    }
  }
  return strokes.map((turns) => turns.filter((turn, index) => String(turn) !== String(turns[index - 1])));
}

export async function until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 1000 * seconds; ; ) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** What moved in the page while nobody touched it, and when it first showed something. */
export interface FirstSight {
  /** Milliseconds from the call of the page to the first text or picture. */
  readonly paint: number;
  /** The sum of all shifts of the layout: a share of the window that moved times the share of the way. */
  readonly shift: number;
  /** What moved. */
  readonly moved: readonly string[];
}

const WATCH_SHIFTS = `
  globalThis.shifts = [];
  new PerformanceObserver((list) => shifts.push(...list.getEntries().filter((entry) => !entry.hadRecentInput)))
    .observe({ type: 'layout-shift', buffered: true });
`;

export async function firstSight(page: Page): Promise<FirstSight> {
  return (await page.evaluate(`({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
    shift: shifts.reduce((sum, { value }) => sum + value, 0),
    moved: shifts.flatMap(({ sources }) => sources.map(({ node }) => node?.outerHTML?.slice(0, 100) ?? String(node?.textContent))),
  })`)) as FirstSight;
}

/** A room that was just loaded: painted within a second, and nothing in it moved since. */
export async function checkSteady(page: Page, where: string): Promise<void> {
  const { paint, shift, moved } = await firstSight(page);
  assert.ok(paint < 1000, `${where}: the first paint after ${paint.toFixed(0)} ms`);
  assert.ok(shift <= STEADY, `${where}: the layout shifted by ${shift.toFixed(4)}: ${moved.join(' | ')}`);
}
