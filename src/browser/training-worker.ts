/** The web worker in which a training runs; its engine computes in a worker of its own. */
import { InputError } from '../core/errors.js';
import { finetuneIn } from '../finetune/run.js';
import { pretrainIn } from '../pretrain/run.js';
import { RunFolder } from '../train/run-folder.js';
import { pageFinetuneHost } from './cases.js';
import { OpfsStore } from './opfs-store.js';
import { pagePretrainHost } from './pretrain.js';
import { eventNames, type FromWorker, type ToWorker, type TrainingRequest } from './training-messages.js';

let stopped = false;

const post = (message: FromWorker) => self.postMessage(message);

const events = {
  ...Object.fromEntries(eventNames.map((event) => [event, (...values: unknown[]) => post({ event, values })])),
  shouldStop: () => stopped,
};

async function run(request: TrainingRequest): Promise<void> {
  const { ignoreMemory, assets, images } = request;
  const page = { assets, ...(images === undefined ? {} : { images }) };
  try {
    const folder = new RunFolder(new OpfsStore(request.run));
    const options = { ignoreMemory };
    const result =
      request.kind === 'pretrain'
        ? await pretrainIn(folder, request.source, pagePretrainHost(page), events, options)
        : await finetuneIn(folder, request.source, pageFinetuneHost(page), events, options);
    post({ result });
  } catch (error) {
    const code = error instanceof InputError ? { code: error.code } : {};
    post({ error: (error as Error).message, ...code });
  }
}

self.addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data === 'stop') stopped = true;
  else void run(data);
});
