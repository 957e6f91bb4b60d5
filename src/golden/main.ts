/** `npm run golden -- DIR [NAME…]`: runs every case of a folder, a line each, and closes with the count. */
import { startEngine } from '../engine/index.js';
import { goldenHandlers, readIndex, runCase } from './run.js';

const [folder, ...names] = process.argv.slice(2);
if (!folder) {
  console.error('usage: npm run golden -- DIR [NAME…]\n  DIR holds an index.json with golden cases.');
  process.exit(2);
}
const engine = await startEngine({ device: 'cpu' });
const handlers = goldenHandlers(engine);
const counts = { passed: 0, failed: 0 };
try {
  for (const entry of readIndex(folder)) {
    if (names.length && !names.some((name) => entry.name.includes(name))) continue;
    const { name, passed, worst, problem } = await runCase(folder, entry, handlers);
    counts[passed ? 'passed' : 'failed']++;
    const detail =
      problem ?? `error ${worst!.error.toExponential(1)}  allowed ${worst!.allowed.toExponential(1)}  ${worst!.what}`;
    console.log(`${passed ? 'ok  ' : 'FAIL'} ${name.padEnd(38)} ${detail}`);
  }
} finally {
  await engine.close();
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed ? 1 : 0;
