// The picture and the figures of docs/site.md: the site is built, and its playground gone through from end to end.
//
//   npm run build && node scripts/site-screenshot.mjs
//
// About two minutes on two cores. Needs Debian's Chromium, or another one in COVER_CHROMIUM.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { buildSite } from '../dist/site/build.js';
import { openBrowser } from '../dist/testing/chromium/launch.js';
import { serveFolders } from '../dist/testing/chromium/serve.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-site-'));
await buildSite(folder);
const server = await serveFolders({ '/': folder });
const { context, close } = await openBrowser();
const page = await context.newPage();
page.setDefaultTimeout(600_000);
await page.setViewportSize({ width: 1280, height: 900 });
await page.goto(`${server.address}playground/`);
await page.getByRole('button', { name: 'Draw phantoms' }).click();
await page.getByRole('button', { name: 'Pretrain', exact: true }).click();
const outcome = page.getByText('the endpoint error on phantoms');
await outcome.waitFor();
await page.getByRole('button', { name: 'Let the page label 3' }).click();
await page.getByRole('button', { name: 'Train', exact: true }).click();
await page.locator('[data-dice]').waitFor();
await page.locator('[data-kept="kept"]').waitFor();
console.log(await outcome.textContent());
console.log(await page.locator('p:has([data-dice])').textContent());
// As high as what is in it, without the list of all phantoms at the end.
await page.evaluate(() => {
  document.getElementById('main').scrollTop = 0;
});
const end = await page.locator('section[aria-label="Dice of every phantom"]').boundingBox();
await page.setViewportSize({ width: 1280, height: Math.ceil(end.y + 130) });
await page.waitForTimeout(700);
await sharp(await page.screenshot())
  .png({ palette: true, quality: 92, effort: 10 })
  .toFile(fileURLToPath(new URL('../docs/site-playground.png', import.meta.url)));
await close();
await server.close();
rmSync(folder, { recursive: true, force: true });
