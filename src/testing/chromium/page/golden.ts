/** The golden cases in a page: `runGolden` is called by the test from outside. */
import { startEngine } from '../../../engine/web/index.js';
import { operatorHandlers } from '../../golden/operators.js';
import { optimizerHandlers } from '../../golden/optimizers.js';
import { outcomeOf } from '../../golden/outcome.js';
import { trainingHandlers } from '../../golden/training.js';
import { viewHandlers } from '../../golden/views.js';
import type { GoldenPage } from '../golden-page.js';

let engine: Awaited<ReturnType<typeof startEngine>>;

const page: GoldenPage = {
  async start(device, threads) {
    engine = await startEngine({ device, threads });
    return engine.device;
  },
  run(folder, entry) {
    const read = async (file: string) => new Uint8Array(await (await fetch(folder + file)).arrayBuffer());
    return outcomeOf({ folder, read }, entry, {
      ...operatorHandlers(engine, engine.target),
      ...optimizerHandlers(engine),
      ...trainingHandlers(engine, engine.target),
      ...viewHandlers,
    });
  },
};
Object.assign(globalThis, { golden: page });
