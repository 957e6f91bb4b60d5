/** `cover demo`: pretrains a small COVER on chest phantoms that the program draws itself. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../config/index.js';
import { writePhantoms } from '../phantom/index.js';
import type { ValidationRecord } from '../pretrain/run.js';
import { run } from './pretrain.js';

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('pretrain a small COVER on drawn chest phantoms, in under 3 minutes')
    .option('-o, --out <folder>', 'where the phantoms and the run go (replaced)', 'runs/demo')
    .option('--steps <count>', 'steps of training', '300')
    .action(async (options: { out: string; steps: string }) => {
      const data = resolve(options.out, 'phantoms');
      const folder = resolve(options.out, 'run');
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(data, { recursive: true });
      console.log('Drawing 96 chest phantoms …');
      await writePhantoms(data, 96, { size: [96, 96], seed: 0 });
      const config = loadConfig({
        settings: [
          `data.source=${JSON.stringify(data)}`,
          `data.cache=${JSON.stringify(join(options.out, 'cache'))}`,
          'data.validationImages=16',
          'views.crop=[64, 64]',
          'views.degree=0.75',
          'model.channels=[8, 16, 32, 64, 64, 64, 32, 16, 8]',
          'optimizer.rate=1e-3',
          `schedule.steps=${Number(options.steps)}`,
          'schedule.warmup=10',
        ],
      });
      await run(folder, { config });
      const records = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
      const looks = records
        .map((line) => JSON.parse(line) as ValidationRecord)
        .filter(({ kind }) => kind === 'validation');
      const [before, after] = [looks[0]!, looks.at(-1)!];
      console.log(
        `\nEndpoint error ${before.endpointError.toFixed(2)} px before, ${after.endpointError.toFixed(2)} px after`,
      );
      console.log(
        `(the zero field has ${after.zeroEndpointError.toFixed(2)} px). The report: ${join(folder, 'report.html')}`,
      );
    });
}
