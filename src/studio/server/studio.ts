/** What the routes share: the folders that are served and what is kept open. */
import { mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { Networks } from './networks.js';
import { existingPath, newPath } from './paths.js';
import { Predictions } from './projects/predict.js';
import type { Places } from './projects/store.js';
import { refused } from './refused.js';
import { Curves } from './runs/curves.js';

export class Studio {
  readonly runs: string;
  /** Null where no folder of images was given. */
  readonly data: string | null;
  readonly curves: Curves;
  readonly networks = new Networks();
  readonly #predictions: Predictions | null;

  constructor(runs: string, data: string | null) {
    mkdirSync(runs, { recursive: true });
    this.runs = realpathSync(runs);
    this.data = data === null ? null : realpathSync(data);
    this.curves = new Curves(this.runs);
    this.#predictions = this.data === null ? null : new Predictions(this.places, this.runs);
  }

  /** The absolute path of a run that is there. */
  run(id: string): string {
    return existingPath(this.runs, id);
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
    if (this.data !== null) return this.data;
    throw refused(409, 'no folder of images was given: start the studio with --data DIR');
  }

  get places(): Places {
    return { labels: join(this.runs, 'labels'), data: this.dataFolder };
  }

  get predictions(): Predictions {
    if (this.#predictions) return this.#predictions;
    throw refused(409, 'no folder of images was given: start the studio with --data DIR');
  }

  close(): Promise<void> {
    return this.networks.close();
  }
}
