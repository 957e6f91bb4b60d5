/** `cover evaluate`: how good a fine-tuned network, an atlas, or a folder of predictions is on labelled cases. */
import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { counted } from '../core/counted.js';
import { InputError } from '../core/errors.js';
import { firstFew } from '../core/lists.js';
import { printable } from '../core/printable.js';
import { wrap } from '../core/wrap.js';
import { readLayout } from '../data/labelled/index.js';
import { classNames, readJson } from '../data/labelled/tables.js';
import { isFolder } from '../data/stats.js';
import { type Split, splits } from '../finetune/cases.js';
import { seenNotes } from '../finetune/notes.js';
import { writeClassification, writeSegmentation } from '../metrics/files.js';
import { type CaseScore, classificationText, segmentationText } from '../metrics/index.js';
import { evaluateClassifier } from '../node/evaluate-classification.js';
import { evaluateFolders, evaluateSegmenter } from '../node/evaluate-segmentation.js';
import { pretrainedOn } from '../node/finetune.js';
import { type Atlas, evaluationCases, openClassifier, openSegmenter } from '../node/index.js';
import { loadFinetuned } from '../node/models.js';
import { recordTestScore } from '../node/test-record.js';
import { checkFolder } from '../system/files.js';
import type { FinetunedModel } from '../use/finetuned-model.js';
import { type AtlasFlags, atlasLine, atlasOf, withAtlas } from './atlas-option.js';
import { type CheckpointFlags, checkpointOption, chosenOf } from './checkpoint-option.js';
import { evaluatedFacts, evaluatedLines, seenBefore, seenLines } from './evaluated-lines.js';
import { createFailures, withStrict } from './failures.js';
import { warningsAtEnd } from './input-warnings.js';
import { type IslandFlags, islandLines, islandNames, withIslands } from './islands-option.js';
import { type EngineFlags, withEngine } from './options.js';
import { createOutput, type Output, type OutputFlags, withOutput } from './output.js';

interface Options extends EngineFlags, OutputFlags, CheckpointFlags, AtlasFlags, IslandFlags {
  readonly out: string;
  readonly split?: Split;
  readonly flips?: boolean;
  readonly strict?: boolean;
}

export function addEvaluate(program: Command): void {
  const command = program
    .command('evaluate')
    .description('score a fine-tuned network, an atlas, or a folder of predictions, on labelled cases')
    .argument(
      '<model>',
      'a fine-tuned run folder or file, or a folder of predicted label maps; beside --atlas a pretrained network',
    )
    .argument('[data]', 'labelled data (default: those of the run); for predictions, the folder of true labels')
    .requiredOption('-o, --out <folder>', 'the folder for the scores as JSON, CSV and text')
    .addOption(
      new Option('--split <name>', "a part (default: all of a folder, of the training's the test part)").choices(
        splits,
      ),
    )
    .addOption(checkpointOption())
    .option('--flips', 'mean over mirrored copies, along the axes that the training mirrored');
  withOutput(withStrict(withEngine(withAtlas(withIslands(command)))))
    .addHelpText(
      'after',
      '\nExamples:\n  cover evaluate runs/lungs -o runs/lungs/test\n  cover evaluate runs/lungs other-hospital/ -o scores\n  cover evaluate masks/ lungs/labels -o scores\n  cover evaluate runs/xrays -o scores --atlas lungs --cases 1    its test part',
    )
    .action(async (path: string, data: string | undefined, options: Options) => {
      const output = createOutput(options);
      checkFolder(options.out);
      if (options.atlas !== undefined && options.split !== undefined) {
        throw new InputError(
          'config',
          `expected an atlas without --split, found ${options.split}`,
          'It is scored on the test part of its folder, or else on what it does not hold.',
        );
      }
      const warnings = warningsAtEnd();
      const atlas = await atlasOf(path, options, warnings.note);
      if (atlas) await scoreAtlas(atlas, data, options, output, warnings);
      else if (data && isPredictions(path)) {
        refuse(options, ['flips', 'keepIslands', 'split', 'checkpoint'], `${path}, a folder of predictions`);
        await scoreFolders(path, data, options, output);
      } else await scoreModel(loadFinetuned(path, chosenOf(path, options)), data, options, output);
    });
}

/** @throws InputError ('config') for options that say how a network segments, where none does */
function refuse(options: Options, names: readonly (keyof Options)[], found: string): void {
  const given = names.filter((name) => options[name] !== undefined);
  if (given.length === 0) return;
  const flags = given.map((name) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`).join(', ');
  throw new InputError(
    'config',
    `expected a network that segments beside ${flags}, found ${found}`,
    `Leave out ${flags}.`,
  );
}

/** A folder that is no run. */
function isPredictions(path: string): boolean {
  return isFolder(path) && !existsSync(join(path, 'checkpoints'));
}

async function scoreFolders(
  predictions: string,
  references: string,
  { out, strict }: Options,
  output: Output,
): Promise<void> {
  const description = join(references, '..', 'dataset.json');
  const content = readJson(description);
  const classes = classNames(description, content?.classes ?? content?.labels);
  const failures = createFailures(output, strict);
  let total = 0;
  const line = caseLine(output);
  const evaluated = evaluateFolders(predictions, references, classes, {
    onFailure: failures.note,
    onUnscored: (ids) => output.warn(unscoredText(ids, references)),
    onCase: (id, scores, done, all) => {
      total = all;
      line(id, scores, done, all);
    },
  });
  const report = await failures.listed(total, evaluated);
  const found = { ...report, failures: failures.list };
  printScores(output, segmentationText(report), writeSegmentation(out, found));
  failures.finish(total);
  output.result(found);
}

function unscoredText(ids: readonly string[], references: string): string {
  const predictions = counted(ids.length, 'prediction');
  return printable(`warning: not scored, since ${references} has no label for ${predictions}: ${firstFew(ids)}`);
}

/** On the cases that it does not hold: of its own folder, or of another one. */
async function scoreAtlas(
  { segmenter, labelled, others }: Atlas,
  data: string | undefined,
  options: Options,
  output: Output,
  warnings: ReturnType<typeof warningsAtEnd>,
): Promise<void> {
  const { out, strict, flips = false, keepIslands = false, atlas: folder = '' } = options;
  const held = new Set(labelled.map(({ image }) => realpathSync(image)));
  const all = data === undefined ? others : readLayout(data, 'segmentation').cases;
  const cases = all.filter(({ image }) => !held.has(realpathSync(image)));
  if (cases.length === 0) {
    await segmenter.close();
    throw new InputError(
      'data',
      `${data ?? folder}: expected labelled images beside those of the atlas, found none`,
      'Take fewer into the atlas with --cases, or name another folder to score it on.',
    );
  }
  output.line(`model ${segmenter.source}`);
  output.line(atlasLine(folder, labelled));
  for (const line of islandLines(islandNames(segmenter, options))) output.line(line);
  for (const note of seenNotes(cases.length, await pretrainedOn(segmenter.source, cases))) output.line(`note: ${note}`);
  const failures = createFailures(output, strict);
  const hooks = { onFailure: failures.note, onWarnings: warnings.note, onCase: caseLine(output) };
  const evaluated = evaluateSegmenter(segmenter, cases, { ...hooks, flips, keepIslands }).finally(segmenter.close);
  const report = await failures.listed(cases.length, evaluated);
  const atlas = { folder, cases: labelled.map(({ id }) => id) };
  const removeIslands = islandNames(segmenter, options);
  const found = { ...report, model: segmenter.source, atlas, removeIslands, failures: failures.list };
  printScores(output, segmentationText(report), writeSegmentation(out, found));
  warnings.tell(output.warn);
  failures.finish(cases.length);
  output.result(found);
}

async function scoreModel(
  model: FinetunedModel,
  data: string | undefined,
  options: Options,
  output: Output,
): Promise<void> {
  const { out, split, strict, flips = false, keepIslands = false } = options;
  if (model.config.task === 'classification') {
    refuse(options, ['flips', 'keepIslands'], `${model.source}, which classifies`);
  }
  const chosen = await evaluationCases(model, { data, split });
  const { cases } = chosen;
  const { task, data: settings } = model.config;
  for (const line of evaluatedLines(model, chosen)) output.line(line);
  const seen = seenBefore(chosen);
  const failures = createFailures(output, strict);
  const warnings = warningsAtEnd();
  const hooks = { onImage: seen.look, onFailure: failures.note, onWarnings: warnings.note };
  const facts = () => ({
    model: model.source,
    step: model.step,
    data: { ...evaluatedFacts(chosen), ...seen.found() },
    failures: failures.list,
  });
  if (task === 'classification') {
    const classifier = await openClassifier(model, { ...options, images: cases.length });
    const onCase = (done: number, total: number) => output.progress.count('cases classified', done, total);
    const evaluated = evaluateClassifier(classifier, cases, { ...hooks, onCase });
    const { predictions, report } = await failures.listed(cases.length, evaluated.finally(classifier.close));
    if (failures.list.length === 0) await recordTestScore(model, chosen, report.macro.auc);
    const found = { ...report, ...facts() };
    printScores(output, classificationText(report), writeClassification(out, found, predictions));
    output.result(found);
  } else {
    const segmenter = await openSegmenter(model, options);
    for (const line of islandLines(islandNames(segmenter, options))) output.line(line);
    const own = { flips, keepIslands, ignore: settings.ignore, onCase: caseLine(output) };
    const evaluated = evaluateSegmenter(segmenter, cases, { ...hooks, ...own }).finally(segmenter.close);
    const report = await failures.listed(cases.length, evaluated);
    if (failures.list.length === 0) await recordTestScore(model, chosen, report.mean.dice);
    const found = { ...report, ...facts(), removeIslands: islandNames(segmenter, options) };
    printScores(output, segmentationText(report), writeSegmentation(out, found));
    output.result(found);
  }
  for (const line of seenLines(seen.found(), chosen)) output.warn(line);
  warnings.tell(output.warn);
  failures.finish(cases.length);
}

function printScores(output: Output, table: string, written: readonly string[]): void {
  output.progress.end();
  for (const line of `\n${table}${wrap(`Wrote ${written.join(', ')}`)}`.split('\n')) output.line(line);
}

/** A line for each case with the Dice of its classes; written over in a terminal. */
function caseLine({ progress }: Output) {
  return (id: string, scores: readonly CaseScore[], done: number, total: number) => {
    const dice = scores.map((score) => score.dice?.toFixed(3) ?? '-').join(' ');
    progress.update(`${done}/${total}  Dice ${dice}  ${printable(id)}`, true);
  };
}
