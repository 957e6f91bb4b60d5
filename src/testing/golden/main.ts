/**
 * `npm run golden -- DIR [NAME…] [--device DEVICE] [--target TARGET]`: runs every case of a folder, a line each, and
 * closes with the count. The device is `cpu` where none is named; `--target gpu` shows the GPU's formulations on the
 * CPU.
 */
import { Command, Option } from 'commander';
import { type DeviceChoice, devices } from '../../engine/index.js';
import { startEngine } from '../../engine/node/index.js';
import { type Target, targets } from '../../graph/index.js';
import { goldenHandlers, readIndex, runCase } from './run.js';
import { tellOutcomes } from './tell-outcomes.js';

const program = new Command('golden')
  .argument('<dir>', 'a folder with golden cases and their index.json')
  .argument('[names...]', 'run only cases whose name contains one of these')
  .addOption(new Option('--device <device>', 'where graphs run').choices(devices).default('cpu'))
  .addOption(new Option('--target <target>', 'how operators are built').choices(targets))
  .parse();
const [folder, names] = program.processedArgs as [string, string[]];
const options = program.opts<{ device: DeviceChoice; target?: Target }>();
const engine = await startEngine({ device: options.device });
const handlers = goldenHandlers(engine, options.target ?? engine.target);
for (const reason of engine.passedOver) console.log(`not ${reason}`);
console.log(`device ${engine.device}`);
try {
  await tellOutcomes(readIndex(folder), names, (entry) => runCase(folder, entry, handlers));
} finally {
  await engine.close();
}
