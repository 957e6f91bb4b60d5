/**
 * `npm run rooms`: draws the rooms anew (docs/architecture.svg and the table in docs/architecture.md) and takes out of
 * exceptions.json what is no longer true. New faults are not written down but printed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../docs/pages.js';
import { planOf, svg, table } from './drawing.js';
import { exceptionsFile, faultsOf, knownFaults, ownImports } from './exceptions.js';

const imports = ownImports();
const plan = planOf(imports);
writeFileSync(join(root, 'docs/architecture.svg'), svg(plan));
const page = join(root, 'docs/architecture.md');
const text = readFileSync(page, 'utf8');
writeFileSync(page, text.replace(/(<!-- rooms -->\n)[\s\S]*?(\n<!-- end of rooms -->)/, `$1${table(plan)}$2`));

const known = knownFaults();
const found = faultsOf(imports);
const left = Object.entries(found).map(
  ([rule, faults]) => [rule, faults.filter((f) => known[rule]?.includes(f))] as const,
);
writeFileSync(exceptionsFile, `${JSON.stringify(Object.fromEntries(left), null, 2)}\n`);
for (const [rule, faults] of Object.entries(found)) {
  const fresh = faults.filter((fault) => !known[rule]?.includes(fault));
  console.log(`${rule}: ${faults.length} known exceptions${fresh.length > 0 ? `, ${fresh.length} of them NEW` : ''}`);
  for (const fault of fresh) console.log(`  ${fault}`);
}
