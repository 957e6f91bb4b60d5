/** All routes behind one guard, and the page itself. Nothing of a served folder is ever sent as HTML. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, extname, join } from 'node:path';
import { Hono } from 'hono';
import { etag } from 'hono/etag';
import { type ErrorCode, InputError } from '../../core/errors.js';
import { presets } from '../../pretrain/config.js';
import { freeMemory } from '../../system/free-memory.js';
import { Conflict } from '../answers/conflict.js';
import type { Problem, StudioFacts } from '../shared/protocol.js';
import { Refused } from './refused.js';
import { dataRoutes } from './routes/data.js';
import { jobRoutes } from './routes/jobs.js';
import { pairRoutes } from './routes/pairs.js';
import { projectRoutes } from './routes/projects.js';
import { resultRoutes } from './routes/results.js';
import { runRoutes } from './routes/runs.js';
import { type Guard, guarded } from './security.js';
import type { Studio } from './studio.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** What the files of a run are like, which no other request would mend: no checkpoint yet, or a damaged one. */
const OF_A_RUN: readonly ErrorCode[] = ['checkpoint', 'weights'];

/** @param page the folder of the built page */
export function studioApp(studio: Studio, guard: Guard, page: string): Hono {
  const app = new Hono();
  app.onError((error, context) => {
    const say = (problem: string): Problem => ({ error: problem });
    if (error instanceof Refused) return context.json(say(error.message), error.status);
    if (error instanceof InputError) return context.json(say(error.message), statusOf(error));
    console.error(error);
    return context.json(say('the studio made a mistake; its terminal has more'), 500);
  });
  app.notFound((context) => context.json({ error: 'there is nothing of this name' } satisfies Problem, 404));
  app.use(guarded(guard));
  app.get('/api/studio', (context) => {
    const facts: StudioFacts = {
      runs: basename(studio.runs),
      data: studio.data === null ? null : basename(studio.data),
      cores: availableParallelism(),
      freeMemory: freeMemory(),
      presets: Object.keys(presets),
    };
    return context.json(facts);
  });
  app.route('/api/runs', runRoutes(studio));
  app.route('/api/jobs', jobRoutes(studio));
  app.route('/api/data', dataRoutes(studio));
  app.route('/api/projects', projectRoutes(studio));
  app.route('/api/pairs', pairRoutes(studio));
  app.route('/api/results', resultRoutes(studio));
  const files = pageFiles(page);
  const tags = new Map<string, string>();
  // What a browser has is asked after and not sent again: each engine of the page loads the runtime, which is large.
  app.get('*', etag(), (context) => {
    const path = context.req.path === '/' ? '/index.html' : context.req.path;
    const file = files.get(path);
    if (!file) return context.notFound();
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    // The names of built files hold their content.
    const kept = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    const bytes = readFileSync(file);
    if (!tags.has(file)) tags.set(file, `"${createHash('sha256').update(bytes).digest('base64url')}"`);
    return context.body(bytes, 200, { 'content-type': type, 'cache-control': kept, etag: tags.get(file)! });
  });
  return app;
}

/** What the system could not do, whatever was asked: no space left (507), or no right to write. */
const FAULTS: Readonly<Record<string, 500 | 507>> = { ENOSPC: 507, EDQUOT: 507, EACCES: 500, EPERM: 500, EROFS: 500 };

/** Whether the system failed, another state would allow it, or the content of the request cannot be used. */
function statusOf(error: InputError): 409 | 422 | 500 | 507 {
  const fault = FAULTS[(error.cause as NodeJS.ErrnoException | undefined)?.code ?? ''];
  if (fault) return fault;
  return error instanceof Conflict || OF_A_RUN.includes(error.code) ? 409 : 422;
}

/** The path of every file of the page by its address; other addresses do not reach the disk. */
function pageFiles(folder: string): Map<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    names.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length).replaceAll('\\', '/'), path];
    }),
  );
}
