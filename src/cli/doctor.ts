/** `cover doctor`: looks at every image or volume of a dataset before anything is trained on it. */
import { type Command, Option } from 'commander';
import { type DataKind, dataKinds, discover, examine, formatDoctorReport, kindOf, splitSeries } from '../data/index.js';
import { wholeNumber } from './options.js';

interface Options {
  readonly as?: DataKind;
  readonly minSize?: number;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check every image or volume of a dataset and say what will be used')
    .argument('<data>', 'a folder or a manifest')
    .addOption(new Option('--as <kind>', 'what the files are (default: what most of them are)').choices(dataKinds))
    .option('--min-size <count>', 'the smallest extent: 32 pixels, or 8 voxels of volumes', wholeNumber)
    .action(async (data: string, options: Options) => {
      const kind = options.as ?? kindOf(data);
      const { train, validation } = discover(data, { kind });
      const files = [...train, ...validation].sort();
      const entries = kind === 'volumes' ? await splitSeries(files) : files;
      const report = await examine(entries, { kind, minimumSize: options.minSize ?? null });
      console.log(formatDoctorReport(report));
      if (report.usable.length === 0) process.exitCode = 1;
    });
}
