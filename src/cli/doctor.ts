/** `cover doctor`: looks at every image or volume of a dataset before anything is trained on it. */
import { type Command, Option } from 'commander';
import { wrap } from '../core/wrap.js';
import { type DataKind, dataKinds, discover, examine, formatDoctorReport, kindOf, splitSeries } from '../data/index.js';
import { checkPreset, type PresetName, presetNames } from '../data/presets/index.js';
import { wholeNumber } from './options.js';

interface Options {
  readonly as?: DataKind;
  readonly minSize?: number;
  readonly preset?: PresetName;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check every image or volume of a dataset and say what will be used')
    .argument('<data>', 'a folder or a manifest')
    .addOption(new Option('--as <kind>', 'what the files are (default: what most of them are)').choices(dataKinds))
    .option('--min-size <count>', 'the smallest extent: 32 pixels, or 8 voxels of volumes', wholeNumber)
    .addOption(
      new Option('--preset <name>', 'look for the files of a named dataset instead')
        .choices(presetNames)
        .conflicts(['as', 'minSize']),
    )
    .action(async (data: string, options: Options) => {
      if (options.preset) {
        lookFor(options.preset, data);
        return;
      }
      const kind = options.as ?? kindOf(data);
      const { train, validation, passedOver } = discover(data, { kind });
      const files = [...train, ...validation].sort();
      const entries = kind === 'volumes' ? await splitSeries(files) : files;
      const report = await examine(entries, { kind, minimumSize: options.minSize ?? null });
      console.log(formatDoctorReport(report, { passedOver }));
      if (report.usable.length === 0) process.exitCode = 1;
    });
}

/** Says what of a named dataset is in its folder, and where to get what is not. */
function lookFor(name: PresetName, folder: string): void {
  const { preset, found, problems } = checkPreset(name, folder);
  console.log(`${name}: ${preset.title}`);
  console.log(`${preset.task} in ${preset.dims}D, classes ${preset.classes.join(', ')}`);
  const all = found.reduce((sum, { cases }) => sum + cases, 0);
  const divided = found.filter(({ part }) => part).map(({ part, cases }) => `${part} ${cases}`);
  const of = preset.cases === undefined ? '' : ` of ${preset.cases}`;
  console.log(`${all}${of} cases found${divided.length > 0 ? ` (${divided.join(', ')})` : ''}`);
  if (problems.length === 0) {
    console.log(`Use it with --set data.preset=${name}, or in a plan: {data: ${folder}, preset: ${name}}`);
    return;
  }
  console.log(`\nMissing:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  console.log(`\n${wrap(preset.preparation)}\nIt is to be had at\n  ${preset.page.replaceAll(', ', '\n  ')}`);
  process.exitCode = 1;
}
