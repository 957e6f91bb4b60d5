/** `cover classify`: the probabilities of the classes of images or volumes, by a fine-tuned network. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { readCaseInput } from '../data/labelled/index.js';
import { writeFileAtomic } from '../system/files.js';
import { classifiedCsv, classify } from '../use/classification/classify.js';
import { inputFiles } from './input-files.js';
import { openAnyClassifier } from './open-finetuned.js';
import { deviceOption, type EngineFlags, threadsOption } from './options.js';

interface Options extends EngineFlags {
  readonly model: string;
  readonly out?: string;
}

export function addClassify(program: Command): void {
  program
    .command('classify')
    .description('say which class images or volumes are of, with probabilities')
    .argument('<images...>', 'images, volumes, or folders of them')
    .requiredOption('-m, --model <run>', 'a fine-tuned run folder, its checkpoint, or a file of cover export')
    .option('-o, --out <folder>', 'also write classes.csv and classes.json there')
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText('after', '\nExample:\n  cover classify scans/ --model runs/pneumonia -o classes')
    .action(async (images: string[], { model, out, device, threads }: Options) => {
      const classifier = await openAnyClassifier(model, { device, threads });
      try {
        const { source, classes } = classifier;
        const files = inputFiles(images, classifier.window.length);
        console.log(`model ${source}; device ${classifier.device}`);
        const width = Math.min(40, Math.max(...files.map(({ name }) => name.length)));
        const rows = [];
        for (const { path, name } of files) {
          const row = await classify(classifier, await readCaseInput(path, classifier), path);
          rows.push(row);
          const chances = classes.map((title) => `${title} ${row.probabilities[title]!.toFixed(3)}`).join('  ');
          console.log(`${name.slice(-width).padEnd(width)}  ${row.class}  (${chances})`);
        }
        if (out === undefined) return;
        writeFileAtomic(join(out, 'classes.csv'), classifiedCsv(rows, classes));
        writeFileAtomic(
          join(out, 'classes.json'),
          `${JSON.stringify({ model: source, classes, images: rows }, null, 2)}\n`,
        );
        console.log(`Wrote ${join(out, 'classes.csv')}, ${join(out, 'classes.json')}`);
      } finally {
        await classifier.close();
      }
    });
}
