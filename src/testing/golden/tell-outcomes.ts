/** A line for each golden case that is asked for, and the count at the end. */
import type { GoldenOutcome, IndexEntry } from './outcome.js';

/**
 * Runs cases and prints what came of them; a case that fails makes the exit code 1.
 * @param names only cases whose name contains one of these; all for none
 */
export async function tellOutcomes(
  entries: readonly IndexEntry[],
  names: readonly string[],
  run: (entry: IndexEntry) => Promise<GoldenOutcome>,
): Promise<void> {
  const counts = { passed: 0, failed: 0 };
  for (const entry of entries) {
    if (names.length && !names.some((name) => entry.name.includes(name))) continue;
    const { name, passed, worst, problem } = await run(entry);
    counts[passed ? 'passed' : 'failed']++;
    const detail =
      problem ?? `error ${worst!.error.toExponential(1)}  allowed ${worst!.allowed.toExponential(1)}  ${worst!.what}`;
    console.log(`${passed ? 'ok  ' : 'FAIL'} ${name.padEnd(38)} ${detail}`);
  }
  console.log(`${counts.passed} passed, ${counts.failed} failed`);
  process.exitCode = counts.failed ? 1 : 0;
}
