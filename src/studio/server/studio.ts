/** What the routes share: the folders that are served and what is kept open. */
import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import { isFolder } from '../../data/stats.js';
import { ensureFolder } from '../../system/files.js';
import { Predictions } from '../answers/predictions.js';
import { Networks } from './networks.js';
import { existingPath, newPath } from './paths.js';
import type { Places } from './projects/store.js';
import { refused } from './refused.js';
import { ResultKeeper } from './results/results.js';
import { Curves } from './runs/curves.js';

export class Studio {
  readonly runs: string;
  /** Null where no folder of images was given. */
  readonly data: string | null;
  readonly curves: Curves;
  readonly networks = new Networks();
  readonly predictions = new Predictions();
  readonly #results: ResultKeeper | null;

  constructor(runs: string, data: string | null) {
    ensureFolder(runs);
    this.runs = realpathSync(runs);
    this.data = data === null ? null : realpathSync(data);
    this.curves = new Curves(this.runs);
    this.#results = this.data === null ? null : new ResultKeeper(this.data);
  }

  /** The absolute path of a run that is there. @throws Refused as `existingPath` does, (404) for a file */
  run(id: string): string {
    const folder = existingPath(this.runs, id);
    if (isFolder(folder)) return folder;
    throw refused(404, `${id}: expected the folder of a run, found a file`);
  }

  /** The absolute path of a run that is about to begin. */
  newRun(name: string): string {
    return newPath(this.runs, name);
  }

  /** The absolute path of a file or folder of the data. */
  file(path: string): string {
    return existingPath(this.dataFolder, path);
  }

  get dataFolder(): string {
    return given(this.data);
  }

  get places(): Places {
    return { labels: join(this.runs, 'labels'), data: this.dataFolder };
  }

  get results(): ResultKeeper {
    return given(this.#results);
  }

  close(): Promise<void> {
    return this.networks.close();
  }
}

/** What is there only where a folder of images was given. */
function given<T>(value: T | null): T {
  if (value !== null) return value;
  throw refused(409, 'no folder of images was given: start the studio with --data DIR');
}
