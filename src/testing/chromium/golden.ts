/** Golden cases in headless Chromium, as they are run there. */
import { resolve } from 'node:path';
import type { DeviceChoice } from '../../engine/index.js';
import type { GoldenOutcome, IndexEntry } from '../golden/outcome.js';
import { readIndex } from '../golden/run.js';
import type { GoldenPage } from './golden-page.js';
import { openTestPage } from './page.js';

/** Ops whose cases read further files from a folder. */
const FILE_OPS = new Set(['checkpoint', 'checkpoint_edge', 'state_dict_names']);

export interface GoldenBrowser {
  readonly device: string;
  run(entry: IndexEntry): Promise<GoldenOutcome>;
  close(): Promise<void>;
}

/** The cases of a folder that need no file system. */
export function pageCases(folder: string): IndexEntry[] {
  return readIndex(folder).filter(({ op }) => !FILE_OPS.has(op));
}

/** @param threads 0 leaves it to a measurement */
export async function openGoldenPage(folder: string, device: DeviceChoice, threads = 0): Promise<GoldenBrowser> {
  const { page, close } = await openTestPage('golden', {
    folders: { '/golden/': resolve(folder) },
    webgpu: device === 'webgpu',
  });
  type Global = { readonly golden: GoldenPage };
  try {
    const used = await page.evaluate(
      ([wanted, count]) => (globalThis as unknown as Global).golden.start(wanted, count),
      [device, threads] as const,
    );
    return {
      device: used,
      run: (entry) => page.evaluate((given) => (globalThis as unknown as Global).golden.run('golden/', given), entry),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
