/** The room of the runs: the list, curves, configurations, pictures, and news as they are written. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { z } from 'zod';
import { isFile } from '../../../data/stats.js';
import { flatSettings } from '../../answers/summary.js';
import type { RunSettings } from '../../shared/protocol.js';
import { queryOf } from '../body.js';
import { jobLog } from '../jobs/jobs.js';
import { existingPath } from '../paths.js';
import { refused } from '../refused.js';
import { runArchive } from '../runs/archive.js';
import { findRuns } from '../runs/find.js';
import { readRunSettings } from '../runs/settings.js';
import { summarize } from '../runs/summary.js';
import type { Studio } from '../studio.js';

const runQuery = z.object({ run: z.string().min(1).max(4096) });
const pictureQuery = runQuery.extend({ name: z.string().regex(/^[\w.-]+\.png$/) });
/** `id@offset`, one after the other. */
const eventsQuery = z.object({ runs: z.string().max(20_000) });

/** How often files are looked at for news, and the list of runs, in milliseconds. */
const EVERY = 500;
const LIST_EVERY = 2000;

export function runRoutes(studio: Studio): Hono {
  const app = new Hono();
  const list = () => findRuns(studio.runs).map((id) => summarize(studio.runs, id));
  app.get('/', (context) => context.json(list()));
  app.get('/curves', async (context) => {
    const { run } = queryOf(context, runQuery);
    studio.run(run);
    return context.json(await studio.curves.get(run));
  });
  app.get('/settings', (context) => {
    const { settings, problem } = readRunSettings(studio.run(queryOf(context, runQuery).run));
    return context.json({ settings: flatSettings(settings), problem } satisfies RunSettings);
  });
  app.get('/log', (context) => context.json({ log: jobLog(studio.run(queryOf(context, runQuery).run)) }));
  app.get('/archive', (context) => {
    const bytes = runArchive(studio.run(queryOf(context, runQuery).run));
    return context.body(bytes, 200, { 'content-type': 'application/zip' });
  });
  app.get('/pictures', (context) => {
    const folder = join(studio.run(queryOf(context, runQuery).run), 'samples');
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[\w.-]+\.png$/.test(name)) : [];
    return context.json(names.sort());
  });
  app.get('/picture', (context) => {
    const { run, name } = queryOf(context, pictureQuery);
    const path = existingPath(studio.run(run), `samples/${name}`);
    const bytes = isFile(path) ? readFileSync(path) : Buffer.alloc(0);
    if (bytes.length < 4 || bytes.readUInt32BE(0) !== 0x89504e47)
      throw refused(415, `${name}: expected a PNG picture, found something else`);
    return context.body(bytes, 200, { 'content-type': 'image/png' });
  });
  app.get('/events', (context) => {
    const watched = watchedRuns(studio, queryOf(context, eventsQuery).runs);
    return streamSSE(context, async (stream) => {
      let before = '';
      for (let round = 0; !stream.aborted; round++) {
        for (const [id, offset] of watched) {
          const news = await studio.curves.news(id, offset);
          if (!news) continue;
          watched.set(id, news.offset);
          await stream.writeSSE({ event: 'curves', data: JSON.stringify(news) });
        }
        if ((round * EVERY) % LIST_EVERY === 0) {
          const now = JSON.stringify(list());
          // A line now and then tells both sides that the other is still there.
          if (now !== before) await stream.writeSSE({ event: 'runs', data: now });
          else if (round % 40 === 0) await stream.writeSSE({ event: 'still', data: '' });
          before = now;
        }
        await stream.sleep(EVERY);
      }
    });
  });
  return app;
}

function watchedRuns(studio: Studio, text: string): Map<string, number> {
  const watched = new Map<string, number>();
  for (const part of text ? text.split('|') : []) {
    const at = part.lastIndexOf('@');
    const [id, offset] = [part.slice(0, at), Number(part.slice(at + 1))];
    if (at < 1 || !Number.isSafeInteger(offset) || offset < 0) throw refused(400, 'expected runs as id@offset');
    studio.run(id);
    watched.set(id, offset);
  }
  return watched;
}
