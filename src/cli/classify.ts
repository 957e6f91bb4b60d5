/** `cover classify`: the probabilities of the classes of images or volumes, by a fine-tuned network. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { ahead } from '../core/ahead.js';
import { printable } from '../core/printable.js';
import { hangingLines, keepEnd } from '../core/wrap.js';
import { kindsOfAxes } from '../data/index.js';
import { readCaseInput } from '../data/labelled/index.js';
import { checkFolder, writeFileAtomic } from '../system/files.js';
import type { Classifier } from '../use/classification/classifier.js';
import { type ClassifiedImage, classifiedCsv, classify } from '../use/classification/classify.js';
import { type CheckpointFlags, checkpointOption } from './checkpoint-option.js';
import { createFailures, withStrict } from './failures.js';
import { countFiles, type InputFile, inputFiles } from './input-files.js';
import { warningsTo } from './input-warnings.js';
import { openAnyClassifier } from './open-finetuned.js';
import { type EngineFlags, withEngine } from './options.js';
import { createOutput, type Output, type OutputFlags, withOutput } from './output.js';

interface Options extends EngineFlags, OutputFlags, CheckpointFlags {
  readonly model: string;
  readonly out?: string;
  readonly strict?: boolean;
}

/** Columns of a line, and of them those of a name, at most. */
const WIDTH = 80;
const NAME = 40;

export function addClassify(program: Command): void {
  const command = program
    .command('classify')
    .description('say which class images or volumes are of, with probabilities')
    .argument('<images...>', 'images, volumes, or folders of them')
    .requiredOption('-m, --model <run>', 'a fine-tuned run folder, its checkpoint, or a file of cover export')
    .option('-o, --out <folder>', 'also write classes.csv and classes.json there')
    .addOption(checkpointOption());
  withOutput(withStrict(withEngine(command)))
    .addHelpText('after', '\nExample:\n  cover classify scans/ --model runs/pneumonia -o classes')
    .action(async (images: string[], options: Options) => {
      const output = createOutput(options);
      if (options.out !== undefined) checkFolder(options.out);
      const classifier = await openAnyClassifier(options.model, { ...options, images: countFiles(images) });
      try {
        const files = inputFiles(images, kindsOfAxes(classifier.window.length));
        await classifyFiles(classifier, files, options, output);
      } finally {
        await classifier.close();
      }
    });
}

async function classifyFiles(
  classifier: Classifier,
  files: readonly InputFile[],
  { out, strict }: Options,
  output: Output,
): Promise<void> {
  const { source, classes, device } = classifier;
  const failures = createFailures(output, strict);
  for (const line of hangingLines(`model ${source}; device ${device}`)) output.line(line);
  const width = Math.min(NAME, Math.max(...files.map(({ name }) => name.length)));
  const rows: ClassifiedImage[] = [];
  const look = async ({ path }: InputFile) =>
    classify(classifier, await readCaseInput(path, classifier, warningsTo(output)), path);
  for (const [{ path, name }, looking] of ahead(files, look, classifier.atOnce)) {
    const row = await failures.attempt(path, () => looking);
    if (!row) continue;
    rows.push(row);
    output.line(`${keepEnd(printable(name), width).padEnd(width)}  ${chances(row, classes, WIDTH - width - 2)}`);
  }
  const result = { model: source, classes, images: rows, failures: failures.list };
  if (out !== undefined && rows.length > 0) {
    const written = [join(out, 'classes.csv'), join(out, 'classes.json')] as const;
    writeFileAtomic(written[0], classifiedCsv(rows, classes));
    writeFileAtomic(written[1], `${JSON.stringify(result, null, 2)}\n`);
    output.line(`Wrote ${written.join(', ')}`);
  }
  failures.finish(files.length);
  output.result(result);
}

/** The class with its probability, and those of the others where they fit. */
function chances(row: ClassifiedImage, classes: readonly string[], width: number): string {
  const chance = (title: string) => `${printable(title)} ${row.probabilities[title]!.toFixed(3)}`;
  const others = classes.filter((title) => title !== row.class).map(chance);
  const all = `${chance(row.class)}  (${others.join('  ')})`;
  return all.length <= width ? all : keepEnd(chance(row.class), width);
}
