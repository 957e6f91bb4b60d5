/** The room in which runs are started: what doctor finds, what a run will take, start, stop, resume, extend. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { discover, examine, formatDoctorReport, kindOf, splitSeries } from '../../../data/index.js';
import { modelFile } from '../../../node/model-file.js';
import type { Findings } from '../../shared/protocol.js';
import { extendRequest, folderRequest, runRequest, startPretraining } from '../../shared/requests.js';
import { jsonBody } from '../body.js';
import { forecast } from '../jobs/forecast.js';
import { startJob, stopJob } from '../jobs/jobs.js';
import { pathBelow } from '../paths.js';
import { refused } from '../refused.js';
import { readRunSettings } from '../runs/settings.js';
import type { Studio } from '../studio.js';

/** Files that are not fit and are listed; all are counted. */
const LISTED = 200;

export function jobRoutes(studio: Studio): Hono {
  const app = new Hono();
  app.post('/doctor', async (context) => {
    const { folder } = await jsonBody(context, folderRequest);
    return context.json(await findings(studio, studio.file(folder)));
  });
  app.post('/forecast', async (context) => {
    return context.json(await forecast(studio.runs, settingsOf(studio, await jsonBody(context, startPretraining))));
  });
  app.post('/pretrain', async (context) => {
    const wish = await jsonBody(context, startPretraining);
    const run = studio.newRun(wish.name);
    if (existsSync(join(run, 'metrics.jsonl')) || existsSync(join(run, 'config.yaml'))) {
      throw refused(409, `${wish.name}: there is a run of this name`);
    }
    const { preset, settings } = settingsOf(studio, wish);
    const from = wish.from ? ['--init-from', studio.run(wish.from)] : [];
    const set = settings.flatMap((setting) => ['--set', setting]);
    await startJob(run, ['pretrain', '-o', run, '--preset', preset, ...from, ...set]);
    return context.json({ run: wish.name });
  });
  app.post('/stop', async (context) => {
    const { run } = await jsonBody(context, runRequest);
    stopJob(studio.run(run));
    return context.json({ run });
  });
  app.post('/resume', async (context) => {
    const { run } = await jsonBody(context, runRequest);
    const folder = begun(studio, run);
    await startJob(folder, [commandOf(folder), '-o', folder, '--resume']);
    return context.json({ run });
  });
  app.post('/extend', async (context) => {
    const { run, steps } = await jsonBody(context, extendRequest);
    const folder = begun(studio, run);
    await startJob(folder, [commandOf(folder), '-o', folder, '--extend', String(steps)]);
    return context.json({ run });
  });
  return app;
}

export interface WishedSettings {
  readonly preset: string;
  readonly settings: readonly string[];
}

function settingsOf(
  studio: Studio,
  { folder, preset, steps, settings }: { folder: string; preset: string; steps: number; settings: readonly string[] },
): WishedSettings {
  const own = [`data.source=${JSON.stringify(studio.file(folder))}`, `schedule.steps=${steps}`];
  return { preset, settings: [...settings, ...own] };
}

/** The folder of a run that can go on. @throws InputError ('checkpoint') where it has written no checkpoint */
function begun(studio: Studio, run: string): string {
  const folder = studio.run(run);
  modelFile(folder, 'last');
  return folder;
}

/** Which command goes on with a run. */
function commandOf(folder: string): 'pretrain' | 'finetune' {
  const { settings, problem } = readRunSettings(folder);
  if (problem) throw refused(409, problem);
  return 'task' in settings ? 'finetune' : 'pretrain';
}

async function findings(studio: Studio, folder: string): Promise<Findings> {
  const kind = kindOf(folder);
  const { train, validation } = discover(folder, { kind });
  const files = [...train, ...validation].sort();
  const report = await examine(kind === 'volumes' ? await splitSeries(files) : files, { kind });
  const bad = report.files.filter(({ state }) => state !== 'ok');
  return {
    text: formatDoctorReport(report, { most: 0 }),
    usable: report.usable.length,
    files: report.files.length,
    bad: bad.slice(0, LISTED).map(({ file, state, reason }) => ({ file: nameOf(studio, file), state, reason })),
  };
}

function nameOf(studio: Studio, file: string): string {
  return file.startsWith(studio.dataFolder) ? pathBelow(studio.dataFolder, file) : file;
}
