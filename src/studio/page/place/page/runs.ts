/** Runs of the page: listed, watched, started, stopped, taken out and brought in. */
import { pageHost } from '../../../../browser/host';
import { packRun, unpackRun } from '../../../../browser/run-archive';
import { finetune, type PageTraining, pretrain } from '../../../../browser/training';
import { InputError } from '../../../../core/errors';
import { CPU_TARGET } from '../../../../engine/web';
import type { FinetuneConfig } from '../../../../finetune/config';
import { presets, readConfig } from '../../../../pretrain/config';
import { methodOf, objectiveOf } from '../../../../pretrain/methods';
import { chooseCheckpoint } from '../../../../train/checkpoint-choice';
import { microOf } from '../../../../train/config/sections';
import { type MemoryDemand, memoryNeed } from '../../../../train/memory';
import { RunFolder } from '../../../../train/run-folder';
import type { RunSource } from '../../../../train/start';
import { finetunedOnnx } from '../../../../use/export/finetuned';
import { finetunedOf } from '../../../../use/finetuned-model';
import { readWeights } from '../../../../weights/read';
import { ALIKE, flatSettings, settingAt } from '../../../answers/summary';
import type { PlaceCalls, PretrainWish } from '../place';
import { doctor } from './doctor';
import { checkedName, files, writeJson } from './opfs';
import {
  curvesOf,
  forgetMetrics,
  heldRuns,
  metricsOf,
  type Note,
  notePath,
  runPath,
  settingsOf,
  storeOf,
  summaryOf,
} from './run-records';

type RunCalls = Pick<
  PlaceCalls,
  | 'facts'
  | 'runs'
  | 'curves'
  | 'settings'
  | 'log'
  | 'pictures'
  | 'picture'
  | 'stop'
  | 'resume'
  | 'extend'
  | 'pretrain'
  | 'doctor'
  | 'forecast'
  | 'exportRun'
  | 'importRun'
  | 'removeRun'
  | 'exportOnnx'
> & {
  /** Begins a fine-tuning. */
  begin(run: string, config: FinetuneConfig): Promise<void>;
};

/** WebGPU where there is an adapter and it is faster; a setting of the user wins. */
export async function deviceSettings(settings: readonly string[]): Promise<readonly string[]> {
  const { gpu } = navigator as { readonly gpu?: { requestAdapter(): Promise<object | null> } };
  const chosen = settings.some((setting) => setting.startsWith('device='));
  return chosen || !(await gpu?.requestAdapter()) ? settings : [...settings, 'device=auto'];
}

/** @param assets the absolute address of the folder with the runtime's files */
export function runCalls(assets: string): RunCalls {
  const going = new Map<string, PageTraining>();

  /** Follows a training to its end; what goes wrong stands in the list of runs, and is told where it cannot begin. */
  const follow = async (run: string, training: PageTraining, begun: Promise<void>) => {
    going.set(run, training);
    const write = (note: Note) => writeJson(notePath(run), note);
    const ended = training.result.then(
      ({ finished }) => ({ error: '', ended: finished }),
      (error: Error) => ({ error: error.message, ended: false }),
    );
    await files.remove(notePath(run));
    void ended.then(write).finally(() => going.delete(run));
    await Promise.race([begun, training.result]);
  };
  const free = (run: string) => {
    if (going.has(run)) throw new InputError('file', `${run}: this run goes on already`, 'Stop it first.');
  };
  const goOn = async (run: string, source: { readonly resume: true } | { readonly extend: number }) => {
    free(run);
    // Its metrics go back to the last checkpoint.
    forgetMetrics(run);
    const settings = await settingsOf(run);
    const [begun, onStart] = signal();
    const options = { assets };
    const training =
      'task' in settings
        ? finetune(runPath(run), source as RunSource<FinetuneConfig>, { onStart }, options)
        : pretrain(runPath(run), source, { onStart }, options);
    await follow(run, training, begun);
  };
  const configOf = async ({ folder, preset, steps, settings }: PretrainWish) =>
    readConfig({
      preset,
      settings: [
        ...(await deviceSettings(settings)),
        `data.source=${JSON.stringify(`data/${folder}`)}`,
        `schedule.steps=${steps}`,
      ],
    });

  return {
    async facts() {
      if (!('getDirectory' in (navigator.storage ?? {}))) {
        throw new InputError(
          'file',
          'This browser keeps no files for this page, so nothing is computed in it: it must come from https or from this computer.',
        );
      }
      return {
        runs: 'this browser',
        images: true,
        cores: navigator.hardwareConcurrency,
        freeMemory: pageHost().freeMemory(),
        presets: Object.keys(presets),
        outlivesPage: false,
        ownsFiles: true,
      };
    },

    async runs() {
      const held = await heldRuns();
      const names = await files.list('runs');
      return Promise.all(names.map((run) => summaryOf(run, { locked: held.has(run), ours: going.has(run) })));
    },
    curves: (run) => curvesOf(run),
    async settings(run) {
      try {
        return { settings: flatSettings(await settingsOf(run)), problem: '' };
      } catch (error) {
        return { settings: {}, problem: (error as Error).message };
      }
    },
    log: async () => '',
    pictures: (run) => new RunFolder(storeOf(run)).samples(),
    async picture(run, name) {
      const bytes = await new RunFolder(storeOf(run)).sample(name);
      if (bytes) return bytes as Uint8Array<ArrayBuffer>;
      throw new InputError('file', `${run}: there is no picture ${name}`);
    },

    async stop(run) {
      const training = going.get(run);
      if (!training) throw new InputError('file', `${run}: expected a training of this page, found none`);
      training.stop();
      await training.result.catch(() => {});
    },
    resume: (run) => goOn(run, { resume: true }),
    extend: (run, steps) => goOn(run, { extend: steps }),
    async pretrain(wish) {
      const run = checkedName(wish.name, 'run');
      if ((await files.list(runPath(run))).length > 0) {
        throw new InputError('file', `${run}: there is a run of this name in this browser`, 'Take another name.');
      }
      const [begun, onStart] = signal();
      const source = { config: await configOf(wish), ...(wish.from ? { initFrom: runPath(wish.from) } : {}) };
      await follow(run, pretrain(runPath(run), source, { onStart }, { assets }), begun);
      return run;
    },
    async begin(run, config) {
      const [begun, onStart] = signal();
      await follow(run, finetune(runPath(run), { config }, { onStart }, { assets }), begun);
    },
    doctor,
    async forecast(wish) {
      const config = await configOf(wish);
      const { crop } = config.views;
      const objective = objectiveOf(methodOf(config), crop);
      const { optimizer, batch, precision } = config;
      const options = { objective, optimizer, batch: batch.size, micro: microOf(config), precision };
      const demand: MemoryDemand = { options, crop, target: CPU_TARGET, kept: config.data.validationImages };
      const { needed, free: left } = memoryNeed(demand, pageHost().freeMemory());
      for (const like of (await files.list('runs')).toReversed()) {
        const settings = await settingsOf(like).catch(() => ({}));
        const same = (key: string) =>
          JSON.stringify(settingAt(settings, key)) === JSON.stringify(settingAt(config, key));
        const seconds = (await metricsOf(like)).last.get('train')?.seconds;
        if (typeof seconds !== 'number' || !ALIKE.every(same)) continue;
        return { needed, free: left, seconds: seconds * config.schedule.steps, like };
      }
      return { needed, free: left, seconds: null, like: '' };
    },

    async exportRun(run) {
      return (await packRun(storeOf(run))) as Uint8Array<ArrayBuffer>;
    },
    async importRun(run, archive) {
      const isNew = (await files.list(runPath(checkedName(run, 'run')))).length === 0;
      try {
        await unpackRun(storeOf(run), archive, run);
      } catch (error) {
        if (isNew) await files.remove(runPath(run));
        throw error;
      }
    },
    async removeRun(run) {
      free(run);
      const lock = await storeOf(run).lock();
      try {
        await files.remove(runPath(run));
        await files.remove(notePath(run));
      } finally {
        await lock.release();
      }
      forgetMetrics(run);
    },
    async exportOnnx(run) {
      const folder = new RunFolder(storeOf(run));
      const name = chooseCheckpoint(await folder.store.list('checkpoints'), run);
      const bytes = (await folder.readCheckpoint(name))!;
      return finetunedOnnx(finetunedOf(readWeights(bytes, folder.checkpointPath(name)))) as Uint8Array<ArrayBuffer>;
    },
  };
}

function signal(): [Promise<void>, () => void] {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return [promise, resolve];
}
