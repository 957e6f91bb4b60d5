/**
 * `npm run golden:web -- DIR [NAME…] [--device DEVICE] [--threads N]`: the cases of a folder that need no file system
 * in headless Chromium, a line each. The device is `cpu`, which is WebAssembly, where none is named.
 */
import { Command, Option } from 'commander';
import type { DeviceChoice } from '../../engine/index.js';
import { tellOutcomes } from '../golden/tell-outcomes.js';
import { openGoldenPage, pageCases } from './golden.js';

const program = new Command('golden:web')
  .argument('<dir>', 'a folder with golden cases and their index.json')
  .argument('[names...]', 'run only cases whose name contains one of these')
  .addOption(new Option('--device <device>', 'where graphs run').choices(['cpu', 'webgpu']).default('cpu'))
  .addOption(new Option('--threads <n>', 'threads of WebAssembly; 0 measures').default(0).argParser(Number))
  .parse();
const [folder, names] = program.processedArgs as [string, string[]];
const { device, threads } = program.opts<{ device: DeviceChoice; threads: number }>();
const browser = await openGoldenPage(folder, device, threads);
try {
  await tellOutcomes(pageCases(folder), names, (entry) => browser.run(entry));
} finally {
  await browser.close();
}
