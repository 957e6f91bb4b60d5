/** What axe, which checks pages for those who cannot see or point, finds in a page of the tests. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Rule {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe finds in the page as it is, and how many rules looked at something. */
export async function axe(page: Page): Promise<{ found: string[]; looked: number }> {
  // A page's policy keeps inserted scripts out; this one comes from outside of it.
  await page.evaluate(source);
  const result = await page.evaluate('axe.run({ resultTypes: ["violations"] })');
  const { violations, passes } = result as Record<'violations' | 'passes', Rule[]>;
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  return { found, looked: passes.length };
}
