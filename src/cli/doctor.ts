/** `cover doctor`: looks at every image or volume of a dataset before anything is trained on it. */
import { type Command, Option } from 'commander';
import { InputError } from '../core/errors.js';
import { printable, printableMessage } from '../core/printable.js';
import { wrap } from '../core/wrap.js';
import { type DataKind, dataKinds, discover, examine, formatDoctorReport, kindOf, splitSeries } from '../data/index.js';
import {
  examineLabelled,
  formatLabelledReport,
  type LabelledReport,
  labelledTasks,
  readLayout,
} from '../data/labelled/index.js';
import { checkPreset, datasetPresets, type PresetName, presetLayout, presetNames } from '../data/presets/index.js';
import { type DeviceChoice, devices } from '../engine/index.js';
import { formatDeviceReport, reportDevice } from '../node/device-report.js';
import { wholeNumber } from './options.js';

interface Options {
  readonly as?: DataKind;
  readonly minSize?: number;
  readonly preset?: PresetName;
  readonly device?: DeviceChoice;
  readonly small?: boolean;
}

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check every image or volume of a dataset, its labels and its parts, and say what will be used')
    .argument('[data]', 'a folder or a manifest')
    .addOption(new Option('--as <kind>', 'what the files are (default: what most of them are)').choices(dataKinds))
    .option('--min-size <count>', 'the smallest extent: 32 pixels, or 8 voxels of volumes', wholeNumber)
    .addOption(
      new Option('--preset <name>', 'look for the files of a named dataset instead')
        .choices(presetNames)
        .conflicts(['as']),
    )
    .addOption(
      new Option('--device [device]', 'say instead what computes here, with its limits and a measured step')
        .choices(devices)
        .preset('auto')
        .conflicts(['as', 'minSize', 'preset']),
    )
    .addOption(new Option('--small', 'with --device: measure a small network').implies({ device: 'auto' }))
    .action(async (data: string | undefined, options: Options) => {
      if (options.device) {
        console.log(formatDeviceReport(await reportDevice(options.device, { small: options.small ?? false })));
        return;
      }
      if (data === undefined) {
        throw new InputError('data', 'expected a folder or a manifest, found none', 'Or ask for a --device.');
      }
      if (options.preset) {
        if (lookFor(options.preset, data)) await reportLabelled(data, options, options.preset);
      } else if (options.as !== undefined || labelledTasks(data).length === 0) await reportImages(data, options);
      else await reportLabelled(data, options);
    });
}

/** Images or volumes alone. */
async function reportImages(data: string, options: Options): Promise<void> {
  const kind = options.as ?? kindOf(data);
  const { train, validation, passedOver } = discover(data, { kind });
  const files = [...train, ...validation].sort();
  const entries = kind === 'volumes' ? await splitSeries(files) : files;
  const report = await examine(entries, { kind, minimumSize: options.minSize ?? null });
  console.log(formatDoctorReport(report, { passedOver }));
  if (report.usable.length === 0) process.exitCode = 1;
}

/** Images with their labels: what is found, and what each command takes of it. */
async function reportLabelled(data: string, { minSize = null }: { minSize?: number | null }, preset?: PresetName) {
  const tasks = preset ? [datasetPresets[preset].task] : labelledTasks(data);
  let shown = false;
  for (const task of tasks) {
    let report: LabelledReport;
    try {
      const layout = preset ? presetLayout(preset, data) : readLayout(data, task);
      report = await examineLabelled(layout, task, { minimumSize: minSize });
    } catch (error) {
      // What makes the folder no labelled dataset does not keep its images from being looked at.
      if (!(error instanceof InputError)) throw error;
      console.log(`A fine-tuning (${task}) would refuse the folder:\n  ${printableMessage(error.message)}\n`);
      process.exitCode = 1;
      continue;
    }
    if (!shown) console.log(formatDoctorReport(report.images));
    shown = true;
    console.log(formatLabelledReport(report, takenByPretraining(data, report.kind)));
    if (report.problems.length > 0 || report.images.usable.length === 0) process.exitCode = 1;
  }
  if (!shown) await reportImages(data, minSize === null ? {} : { minSize });
}

/** What a pretraining on the folder takes, and what it passes over. */
function takenByPretraining(data: string, kind: DataKind): string {
  try {
    const { train, validation, passedOver } = discover(data, { kind });
    const passed = passedOver.map(({ count, reason }) => `${count} ${reason}`);
    const rest = passed.length > 0 ? ` (passed over: ${passed.join(', ')})` : '';
    return `${train.length} training and ${validation.length} validation ${kind}${rest}`;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return `nothing: ${error.message.split('\n')[0]}`;
  }
}

/** Says what of a named dataset is in its folder, and where to get what is not; whether nothing is missing. */
function lookFor(name: PresetName, folder: string): boolean {
  const { preset, found, problems } = checkPreset(name, folder);
  console.log(`${name}: ${preset.title}`);
  console.log(`${preset.task} in ${preset.dims}D, classes ${preset.classes.join(', ')}`);
  const all = found.reduce((sum, { cases }) => sum + cases, 0);
  const divided = found.filter(({ part }) => part).map(({ part, cases }) => `${part} ${cases}`);
  const of = preset.cases === undefined ? '' : ` of ${preset.cases}`;
  console.log(`${all}${of} cases found${divided.length > 0 ? ` (${divided.join(', ')})` : ''}`);
  if (problems.length === 0) {
    console.log(`Use it with --set data.preset=${name}, or in a plan: {data: ${folder}, preset: ${name}}\n`);
    return true;
  }
  console.log(`\nMissing:\n${problems.map((problem) => `  ${printable(problem)}`).join('\n')}`);
  console.log(`\n${wrap(preset.preparation)}\nIt is to be had at\n  ${preset.page.replaceAll(', ', '\n  ')}`);
  process.exitCode = 1;
  return false;
}
