/** The worker in which the page's own work is done; trainings and engines have workers of their own. */
import type { PlaceCalls } from '../place';
import { imageCalls } from './images';
import type { PageAnswer, PageRequest } from './messages';
import { networksOf } from './networks';
import { pairCalls } from './pairs';
import { projectCalls } from './projects';
import { resultCalls } from './results';
import { runCalls } from './runs';

let calls: PlaceCalls | undefined;

function callsWith(assets: string): PlaceCalls {
  const networks = networksOf(assets);
  const runs = runCalls(assets);
  return {
    ...runs,
    ...imageCalls,
    ...projectCalls(networks, runs.begin),
    ...pairCalls(networks),
    ...resultCalls(networks),
  };
}

self.addEventListener('message', async ({ data }: MessageEvent<PageRequest>) => {
  const { id, name, args, assets } = data;
  calls ??= callsWith(assets);
  let answer: PageAnswer;
  try {
    const call = calls[name] as (...args: readonly unknown[]) => Promise<unknown>;
    answer = { id, value: await call(...args) };
  } catch (error) {
    answer = { id, error: error instanceof Error ? error.message : String(error) };
  }
  self.postMessage(answer);
});
