/** Trainings in a page. */
import { OpfsStore } from '../../../browser/opfs-store.js';
import { packRun, unpackRun } from '../../../browser/run-archive.js';
import { finetune, type PageTraining, type PageTrainingOptions, pretrain } from '../../../browser/training.js';
import { base64 } from '../../../core/base64.js';
import { readFinetuneConfig } from '../../../finetune/config.js';
import { readConfig } from '../../../pretrain/config.js';
import type { TrainRecord, ValidationRecord } from '../../../train/events.js';
import type { TrainInPage, TrainingOutcome, TrainingPage } from '../training-page.js';

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
};

interface Events {
  onStep(record: TrainRecord): void;
  onValidation(record: ValidationRecord): void;
}

async function outcomeOf(
  run: string,
  criterion: string,
  { stopAfter = Number.POSITIVE_INFINITY, ...options }: TrainInPage,
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
      if (step >= stopAfter) training.stop();
    },
    onValidation: (record) => looks.push(Number(record[criterion])),
  };
  const training = start(events, options);
  const files = () => new OpfsStore(run).files();
  try {
    const { step, finished } = await training.result;
    return { step, finished, losses, looks, files: await files(), trained: ended - begun };
  } catch (error) {
    const message = (error as Error).message;
    return { step: -1, finished: false, losses, looks, files: await files(), trained: 0, error: message };
  }
}

Object.assign(globalThis, { training: page });
