/** `cover doctor`: looks at every file of a dataset before anything is trained on it. */
import type { Command } from 'commander';
import { discover, examine, formatDoctorReport, MINIMUM_SIZE } from '../data/index.js';

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check every image of a dataset and say what will be used')
    .argument('<data>', 'a folder or a manifest')
    .option('--min-size <pixels>', 'the smallest extent that an image must have', String(MINIMUM_SIZE))
    .action(async (data: string, options: { minSize: string }) => {
      const { train, validation } = discover(data);
      const report = await examine([...train, ...validation], { minimumSize: Number(options.minSize) });
      console.log(formatDoctorReport(report));
      if (report.usable.length === 0) process.exitCode = 1;
    });
}
