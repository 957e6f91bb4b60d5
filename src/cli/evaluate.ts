/** `cover evaluate`: how good a fine-tuned network, or a folder of predictions, is on labelled cases. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { classNames, readJson } from '../data/labelled/tables.js';
import { type Split, splits } from '../finetune/cases.js';
import {
  type CaseScore,
  classificationText,
  segmentationText,
  writeClassification,
  writeSegmentation,
} from '../metrics/index.js';
import { evaluationCases, openClassifier, openSegmenter } from '../node/index.js';
import { loadFinetuned } from '../node/models.js';
import { recordTestScore } from '../node/test-record.js';
import { evaluateClassifier } from '../use/classification/evaluate.js';
import type { FinetunedModel } from '../use/finetuned-model.js';
import { evaluateFolders, evaluateSegmenter } from '../use/segmentation/evaluate.js';
import { evaluatedFacts, evaluatedLines, seenBefore, seenLines } from './evaluated-lines.js';
import { deviceOption, type EngineFlags, threadsOption } from './options.js';
import { createProgress } from './progress.js';

interface Options extends EngineFlags {
  readonly out: string;
  readonly split?: Split;
  readonly flips?: boolean;
}

export function addEvaluate(program: Command): void {
  program
    .command('evaluate')
    .description('score a fine-tuned network, or a folder of predictions, on labelled cases')
    .argument('<model>', 'a fine-tuned run folder or file; or a folder of predicted label maps')
    .argument('[data]', 'labelled data (default: those of the run); for predictions, the folder of true labels')
    .requiredOption('-o, --out <folder>', 'the folder for the scores as JSON, CSV and text')
    .addOption(
      new Option('--split <name>', "a part (default: all of a folder, of the training's the test part)").choices(
        splits,
      ),
    )
    .option('--flips', 'mean over mirrored copies, along the axes that the training mirrored')
    .addOption(deviceOption())
    .addOption(threadsOption())
    .addHelpText(
      'after',
      '\nExamples:\n  cover evaluate runs/lungs -o runs/lungs/test\n  cover evaluate masks/ lungs/labels -o scores',
    )
    .action(async (path: string, data: string | undefined, options: Options) => {
      if (data && isPredictions(path)) await scoreFolders(path, data, options);
      else await scoreModel(loadFinetuned(path), data, options);
    });
}

/** A folder that is no run. */
function isPredictions(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false) && !existsSync(join(path, 'checkpoints'));
}

async function scoreFolders(predictions: string, references: string, { out }: Options): Promise<void> {
  const description = join(references, '..', 'dataset.json');
  const content = readJson(description);
  const classes = classNames(description, content?.classes ?? content?.labels);
  const progress = createProgress(process.stdout);
  const report = await evaluateFolders(predictions, references, classes, { onCase: caseLine(progress) });
  progress.end();
  console.log(`\n${segmentationText(report)}Wrote ${writeSegmentation(out, report).join(', ')}`);
}

async function scoreModel(model: FinetunedModel, data: string | undefined, options: Options): Promise<void> {
  const { out, split, device, threads, flips = false } = options;
  const chosen = await evaluationCases(model, { data, split });
  const { cases } = chosen;
  const { task, data: settings } = model.config;
  console.log(`model ${model.source}, step ${model.step}`);
  for (const line of evaluatedLines(chosen)) console.log(line);
  const seen = seenBefore(chosen);
  const facts = () => ({ model: model.source, step: model.step, data: { ...evaluatedFacts(chosen), ...seen.found() } });
  const progress = createProgress(process.stdout);
  if (task === 'classification') {
    const classifier = await openClassifier(model, { device, threads });
    const { predictions, report } = await evaluateClassifier(classifier, cases, {
      onImage: seen.look,
      onCase: (done, total) => progress.count('cases classified', done, total),
    }).finally(classifier.close);
    progress.end();
    await recordTestScore(model, chosen, report.macro.auc);
    const files = writeClassification(out, { ...report, ...facts() }, predictions);
    console.log(`\n${classificationText(report)}Wrote ${files.join(', ')}`);
  } else {
    const segmenter = await openSegmenter(model, { device, threads });
    const report = await evaluateSegmenter(segmenter, cases, {
      flips,
      ignore: settings.ignore,
      onImage: seen.look,
      onCase: caseLine(progress),
    }).finally(segmenter.close);
    progress.end();
    await recordTestScore(model, chosen, report.mean.dice);
    const files = writeSegmentation(out, { ...report, ...facts() });
    console.log(`\n${segmentationText(report)}Wrote ${files.join(', ')}`);
  }
  for (const line of seenLines(seen.found(), chosen)) console.error(line);
}

/** A line for each case with the Dice of its classes; written over in a terminal. */
function caseLine(progress: ReturnType<typeof createProgress>) {
  return (id: string, scores: readonly CaseScore[], done: number, total: number) => {
    const dice = scores.map((score) => score.dice?.toFixed(3) ?? '-').join(' ');
    progress.update(`${done}/${total}  Dice ${dice}  ${id}`, true);
  };
}
