/** `cover analyze`: how the features of networks are dispersed on labelled images or volumes, side by side. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { printable, printableMessage } from '../core/printable.js';
import { analyze } from '../node/index.js';
import { modelFile } from '../node/model-file.js';
import { unfinishedPretraining, unfinishedText } from '../node/unfinished.js';
import { checkFolder } from '../system/files.js';
import { dispersionText } from '../use/dispersion/report.js';
import { type Level, levels } from '../use/index.js';
import { type CheckpointFlags, checkpointOption, chosenOf } from './checkpoint-option.js';
import { warningsAtEnd } from './input-warnings.js';
import { type EngineFlags, wholeNumber, withEngine } from './options.js';
import { createOutput, type OutputFlags, withOutput } from './output.js';

interface Options extends EngineFlags, OutputFlags, CheckpointFlags {
  readonly model: readonly string[];
  readonly out: string;
  readonly labels?: string;
  readonly cases: number;
  readonly samples: number;
  readonly level: string;
  readonly seed: number;
  readonly untrained?: boolean;
}

export function addAnalyze(program: Command): void {
  const command = program
    .command('analyze')
    .description('measure how features are dispersed within and between classes')
    .argument('<data>', 'labelled data: images/ and labels/, or another layout of cover finetune')
    .requiredOption('-m, --model <path>', 'a run folder, checkpoint or exported file; repeatable', several)
    .requiredOption('-o, --out <folder>', 'the folder for report.html, JSON, CSV and picture')
    .option('--labels <folder>', 'the labels, where <data> is a folder of images alone')
    .option('--untrained', 'also the first network with random weights')
    .option('--cases <count>', 'cases that are drawn', wholeNumber, 24)
    .option('--samples <count>', 'pixels that are drawn, of all classes, at most 2000', wholeNumber, 1000)
    .addOption(
      new Option('-l, --level <number>', 'decoder level: 4 full resolution … 0 1/16')
        .choices(levels.map(String))
        .default('4'),
    )
    .option('--seed <number>', 'which cases and pixels are drawn', wholeNumber, 0)
    .addOption(checkpointOption());
  withOutput(withEngine(command))
    .addHelpText('after', '\nExample:\n  cover analyze lungs/ --model runs/xrays --untrained -o dispersion')
    .action(async (data: string, options: Options) => {
      const { model, out, level, untrained = false, checkpoint: _, ...rest } = options;
      const output = createOutput(options);
      checkFolder(out);
      for (const path of model) {
        const unfinished = unfinishedPretraining(modelFile(path, chosenOf(path, options)));
        if (unfinished) output.warn(printableMessage(`note: ${unfinishedText(unfinished)}`));
      }
      const warnings = warningsAtEnd();
      const { report, written } = await analyze(data, model, out, {
        ...rest,
        level: Number(level) as Level,
        untrained,
        checkpoint: options.checkpoint ?? null,
        onCase: (name, done, total) => output.progress.count(`${shortName(name)}: cases`, done, total),
        onWarnings: warnings.note,
        onStage: (name, stage) => output.progress.update(`${shortName(name)}: ${stage}`, false),
      });
      output.progress.end();
      output.line(`\n${dispersionText(report)}`);
      output.line(`Wrote in ${out}:\n${written.join(', ')}`);
      warnings.tell(output.warn);
      output.result({ ...report, written });
    });
}

function several(path: string, all: readonly string[] = []): string[] {
  if (all.includes(path)) throw new InvalidArgumentError(`"${path}" is there twice.`);
  return [...all, path];
}

/** The end of a path, which tells networks apart. */
function shortName(path: string): string {
  return printable(path).slice(-40);
}
