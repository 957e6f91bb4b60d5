/** Trainings in a page. */
import { OpfsStore } from '../../../browser/opfs-store.js';
import { packRun, unpackRun } from '../../../browser/run-archive.js';
import { pretrain } from '../../../browser/training.js';
import { base64 } from '../../../core/base64.js';
import { readConfig } from '../../../pretrain/config.js';
import type { TrainRecord, ValidationRecord } from '../../../train/events.js';
import type { TrainingOutcome, TrainingPage } from '../training-page.js';

const bytesAt = async (address: string) => new Uint8Array(await (await fetch(address)).arrayBuffer());

const page: TrainingPage = {
  async putFiles(files) {
    const store = new OpfsStore('');
    for (const [name, address] of Object.entries(files)) await store.write(name, await bytesAt(address));
  },
  putRun: async (run, archive) => unpackRun(new OpfsStore(run), await bytesAt(archive), archive),
  packRun: async (run) => base64(await packRun(new OpfsStore(run))),
  async pretrain(run, settings, { stopAfter = Number.POSITIVE_INFINITY, ...options } = {}): Promise<TrainingOutcome> {
    const source = settings ? { config: readConfig({ settings }) } : ({ resume: true } as const);
    const losses: number[] = [];
    const looks: number[] = [];
    let [begun, ended] = [0, 0];
    const events = {
      onStep({ step, loss }: TrainRecord) {
        losses.push(loss);
        begun ||= performance.now();
        ended = performance.now();
        if (step >= stopAfter) training.stop();
      },
      onValidation: ({ endpointError }: ValidationRecord) => looks.push(Number(endpointError)),
    };
    const training = pretrain(run, source, events, options);
    const files = () => new OpfsStore(run).files();
    try {
      const { step, finished } = await training.result;
      return { step, finished, losses, looks, files: await files(), trained: ended - begun };
    } catch (error) {
      const message = (error as Error).message;
      return { step: -1, finished: false, losses, looks, files: await files(), trained: 0, error: message };
    }
  },
};
Object.assign(globalThis, { training: page });
