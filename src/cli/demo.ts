/**
 * `cover demo`: pretrains a small COVER on chest phantoms, radiographs or volumes, that the program draws itself, and
 * carries the labels of one of them to those that were held out.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { loadConfig } from '../node/config-file.js';
import { evaluateSegmenter } from '../node/evaluate-segmentation.js';
import { openAtlas } from '../node/index.js';
import { loadModel } from '../node/models.js';
import { writePhantoms } from '../phantom/index.js';
import { ensureFolder } from '../system/files.js';
import type { ValidationRecord } from '../train/events.js';
import { count } from './options.js';
import { run } from './pretrain.js';

interface Demo {
  readonly subjects: number;
  readonly what: string;
  /** Of displacements. */
  readonly unit: string;
  /** Extents of a phantom. */
  readonly size: readonly number[];
  readonly steps: number;
  readonly settings: readonly string[];
}

const demos: Readonly<Record<'2' | '3', Demo>> = {
  2: {
    subjects: 96,
    what: 'radiographs',
    unit: 'px',
    size: [96, 96],
    steps: 300,
    settings: [
      'data.validationImages=16',
      'views.crop=[64, 64]',
      'model.channels=[8, 16, 32, 64, 64, 64, 32, 16, 8]',
      'optimizer.rate=1e-3',
    ],
  },
  3: {
    subjects: 40,
    what: 'volumes',
    unit: 'voxels',
    size: [48, 48, 48],
    steps: 100,
    settings: [
      'data.validationImages=4',
      'data.intensity=wide',
      'views.crop=[32, 32, 32]',
      'model.channels=[8, 16, 24, 32, 32, 32, 24, 16, 8]',
      'optimizer.rate=8e-4',
      'batch.size=2',
      'run.validateEvery=50',
    ],
  },
};

export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('pretrain a small COVER on drawn chest phantoms, in under 3 minutes')
    .option('-o, --out <folder>', 'where the phantoms and the run go (replaced)', 'runs/demo')
    .addOption(new Option('--dims <count>', 'radiographs (2) or volumes (3)').choices(['2', '3']).default('2'))
    .option('--steps <count>', 'steps of training (default: 300, or 100 of volumes)', count)
    .action(async (options: { out: string; dims: '2' | '3'; steps?: number }) => {
      const demo = demos[options.dims];
      const steps = options.steps ?? demo.steps;
      const data = resolve(options.out, 'phantoms');
      const folder = resolve(options.out, 'run');
      ensureFolder(options.out);
      rmSync(folder, { recursive: true, force: true });
      rmSync(data, { recursive: true, force: true });
      ensureFolder(data);
      console.log(`Drawing ${demo.what} of ${demo.subjects} chest phantoms …`);
      await writePhantoms(data, demo.subjects, { size: demo.size, seed: 0 });
      const config = loadConfig({
        settings: [
          `data.source=${JSON.stringify(data)}`,
          `data.cache=${JSON.stringify(join(options.out, 'cache'))}`,
          'views.degree=0.75',
          `views.curriculum.steps=${Math.max(1, Math.round(0.4 * steps))}`,
          ...demo.settings,
          `schedule.steps=${steps}`,
          'schedule.warmup=10',
        ],
      });
      await run(folder, { config });
      const records = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
      const looks = records
        .map((line) => JSON.parse(line) as ValidationRecord)
        .filter(({ kind }) => kind === 'validation');
      const [before, after] = [looks[0]!, looks.at(-1)!];
      const error = (value: unknown) => `${Number(value).toFixed(2)} ${demo.unit}`;
      console.log(`\nEndpoint error ${error(before.endpointError)} before, ${error(after.endpointError)} after`);
      console.log(`(a zero field has ${error(after.zeroEndpointError)}). The report:`);
      console.log(`  ${join(options.out, 'run', 'report.html')}`);
      await tellAtlas(join(options.out, 'run'), join(options.out, 'phantoms'));
    });
}

/** What the network knows of other subjects than those that it saw. */
async function tellAtlas(run: string, data: string): Promise<void> {
  const { segmenter, others } = await openAtlas(loadModel(run), { folder: data, cases: 1 });
  const { mean } = await evaluateSegmenter(segmenter, others, { resamples: 1 }).finally(segmenter.close);
  console.log(
    `\nLabels of one phantom, carried to ${others.length} that were held out: mean Dice ${mean.dice.value?.toFixed(2)}`,
  );
  console.log(`  cover evaluate ${run} -o scores --atlas ${data} --cases 1`);
}
