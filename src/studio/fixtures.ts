/** For tests of the page: a real browser, waiting, and what axe finds. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why tests of the page are skipped; false where there is a browser. */
export const skip = existsSync(CHROMIUM)
  ? false
  : `no browser at ${CHROMIUM}: install Debian's chromium, or name one in CHROMIUM`;

/** @param folder keeps what pages store when they are closed */
export function openBrowser(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    viewport: { width: 1280, height: 900 },
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
  });
}

/** A page whose errors are kept. */
export async function openPage(context: BrowserContext, complaints: string[]): Promise<Page> {
  const fresh = await context.newPage();
  fresh.on('pageerror', (error) => complaints.push(error.message));
  fresh.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  fresh.setDefaultTimeout(30_000);
  return fresh;
}

export async function until(what: string, seconds: number, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 1000 * seconds; ; ) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Rule {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** The page as it stands is fit for screen readers and fits its window. @param where for messages */
export async function checkPage(page: Page, where: string): Promise<void> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations, passes } = (await page.evaluate('axe.run()')) as Record<'violations' | 'passes', Rule[]>;
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  assert.deepEqual(found, [], where);
  assert.ok(passes.length > 15, `${where}: ${passes.length} rules looked at something`);
  const wide = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
  assert.ok(wide <= 0, `${where}: ${wide} px too wide`);
}
