/** Trainings in a page. */
import { openNetwork, openSegmenter } from '../../../browser/networks.js';
import { OpfsStore } from '../../../browser/opfs-store.js';
import { readInput } from '../../../browser/read-input.js';
import { packRun, unpackRun } from '../../../browser/run-archive.js';
import { finetune, type PageTraining, type PageTrainingOptions, pretrain } from '../../../browser/training.js';
import { base64 } from '../../../core/base64.js';
import { valuesOf } from '../../../data/labelled/recipe.js';
import { readFinetuneConfig } from '../../../finetune/config.js';
import { readConfig } from '../../../pretrain/config.js';
import type { TrainRecord, ValidationRecord } from '../../../train/events.js';
import { embed } from '../../../use/embed.js';
import { matchPoints } from '../../../use/match.js';
import { segment } from '../../../use/segmentation/segment.js';
import type { TrainInPage, TrainingOutcome, TrainingPage, UseFindings } from '../training-page.js';

const bytesAt = async (address: string) => new Uint8Array(await (await fetch(address)).arrayBuffer());

const page: TrainingPage = {
  async putFiles(files) {
    const store = new OpfsStore('');
    for (const [name, address] of Object.entries(files)) await store.write(name, await bytesAt(address));
  },
  putRun: async (run, archive) => unpackRun(new OpfsStore(run), await bytesAt(archive), archive),
  packRun: async (run) => base64(await packRun(new OpfsStore(run))),
  pretrain(run, settings, options = {}) {
    const source = settings ? { config: readConfig({ settings }) } : ({ resume: true } as const);
    return outcomeOf(run, 'endpointError', options, (events, rest) => pretrain(run, source, events, rest));
  },
  finetune(run, settings, options = {}) {
    const source = settings ? { config: readFinetuneConfig({ settings }) } : ({ resume: true } as const);
    return outcomeOf(run, 'score', options, (events, rest) => finetune(run, source, events, rest));
  },
  async use(runs, file): Promise<UseFindings> {
    const bytes = (await new OpfsStore('').read(file))!;
    const network = await openNetwork(runs.backbone);
    const image = await readInput(bytes, file, network.model.config);
    const { data: features } = await embed(network, image);
    const [height, width] = valuesOf(image).shape.slice(1) as [number, number];
    const [found] = await matchPoints(network, image, image, [{ x: width / 2, y: height / 2 }]);
    await network.close();
    const segmenter = await openSegmenter(runs.segmenter);
    const input = await readInput(bytes, file, segmenter);
    await segment(segmenter, input);
    const started = performance.now();
    const { labels } = await segment(segmenter, input);
    const segmented = performance.now() - started;
    await segmenter.close();
    return {
      features: base64(new Uint8Array(features.buffer, features.byteOffset, features.byteLength)),
      labels: base64(labels.data),
      match: { ...found!.to, similarity: found!.similarity },
      segmented,
    };
  },
};

interface Events {
  onStep(record: TrainRecord): void;
  onValidation(record: ValidationRecord): void;
}

async function outcomeOf(
  run: string,
  criterion: string,
  { stopAfter = Number.POSITIVE_INFINITY, throwAt, ...options }: TrainInPage,
  start: (events: Events, options: PageTrainingOptions) => PageTraining,
): Promise<TrainingOutcome> {
  const losses: number[] = [];
  const looks: number[] = [];
  let [begun, ended] = [0, 0];
  const events: Events = {
    onStep({ step, loss }) {
      losses.push(loss);
      begun ||= performance.now();
      ended = performance.now();
      if (step === throwAt) throw new Error('the handler fails');
      if (step >= stopAfter) training.stop();
    },
    onValidation: (record) => looks.push(Number(record[criterion])),
  };
  const training = start(events, options);
  try {
    const { step, finished } = await training.result;
    return { step, finished, losses, looks, files: await new OpfsStore(run).files(), trained: ended - begun };
  } catch (error) {
    const message = (error as Error).message;
    return { step: -1, finished: false, losses, looks, files: [], trained: 0, error: message };
  }
}

Object.assign(globalThis, { training: page });
