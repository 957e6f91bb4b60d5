/** The number of threads that was found to be the quicker one, for all pages and workers of one address. */

/** The cache that keeps it, and the place of what was found with so many threads at most. */
export const FINDINGS = 'cover-threads';
export const findingOf = (most: number) => `/threads-of-${most}.json`;

const HOLDS = 24 * 60 * 60 * 1000;

export interface Finding {
  readonly threads: number;
  /** When it was found, milliseconds since 1970. */
  readonly at: number;
}

/** What was found within a day where that many threads can run; undefined where nothing was. */
export async function quickerThreads(most: number): Promise<number | undefined> {
  try {
    const kept = await (await findings()).match(address(most));
    const { threads, at }: Partial<Finding> = kept ? await kept.json() : {};
    if (!Number.isInteger(threads) || threads! < 1 || threads! > most) return undefined;
    return Math.abs(Date.now() - Number(at)) < HOLDS ? threads : undefined;
  } catch {
    return undefined;
  }
}

/** A page that may keep nothing compares again the next time. */
export async function keepQuickerThreads(most: number, threads: number): Promise<void> {
  const finding: Finding = { threads, at: Date.now() };
  try {
    await (await findings()).put(address(most), Response.json(finding));
  } catch {}
}

const findings = () => caches.open(FINDINGS);
const address = (most: number) => new URL(findingOf(most), self.location.origin);
