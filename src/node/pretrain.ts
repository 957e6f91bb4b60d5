/** Pretraining in a folder. */
import { isAbsolute, resolve } from 'node:path';
import type { Config } from '../pretrain/config.js';
import type { PretrainHost } from '../pretrain/host.js';
import { type PretrainOptions, pretrainIn, type RunEvents } from '../pretrain/run.js';
import type { TrainingResult } from '../train/loop.js';
import { RunFolder } from '../train/run-folder.js';
import type { RunSource } from '../train/start.js';
import type { Cluster } from './cluster.js';
import { encodeField } from './field-file.js';
import { FolderStore } from './folder-store.js';
import { nodeHost } from './host.js';
import { checkImages, openImages } from './images.js';

export const pretrainHost: PretrainHost = { ...nodeHost, openImages, encodeField };

/**
 * Starts a run in a new folder, continues one, or extends a finished one; with `cluster`, as one of several processes.
 * Paths of a new run are kept from the root on, so that it is continued from any folder.
 * @throws InputError when the folder holds a run already or another process uses it, the data cannot be used, the
 * memory does not suffice, the folder cannot be written, or the training diverges
 * @example
 * await pretrain('runs/xrays', { config: loadConfig({ settings: ['data.source=xrays'] }) });
 * await pretrain('runs/xrays', { extend: 2000 });
 */
export async function pretrain(
  folder: string,
  source: RunSource<Config>,
  events: RunEvents = {},
  { cluster = null, ...options }: PretrainOptions & { readonly cluster?: Cluster | null } = {},
): Promise<TrainingResult> {
  const begun = 'config' in source ? anchored(source) : source;
  if ('config' in begun) checkImages(begun.config);
  if (!cluster) return pretrainIn(new RunFolder(new FolderStore(folder)), begun, pretrainHost, events, options);
  const shared = 'config' in begun ? { ...begun, config: cluster.config(begun.config) } : begun;
  return pretrainIn(cluster.runFolder(), shared, cluster.host(pretrainHost), events, options);
}

type NewRun = Extract<RunSource<Config>, { config: Config }>;

function anchored(source: NewRun): NewRun {
  const { config, initFrom } = source;
  const { source: images, cache } = config.data;
  const data = { ...config.data, source: whole(images), cache: whole(cache) };
  return { config: { ...config, data }, ...(initFrom === undefined ? {} : { initFrom: resolve(initFrom) }) };
}

/** A path from the root on; an empty one stays empty. */
export function whole(path: string): string {
  return path === '' || isAbsolute(path) ? path : resolve(path);
}
