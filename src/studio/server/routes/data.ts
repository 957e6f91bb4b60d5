/** The folder of the data: what is in it, and its images as values. */
import { Hono } from 'hono';
import { z } from 'zod';
import { pictureOf } from '../../answers/picture.js';
import { encodeFrame } from '../../shared/frame.js';
import { queryOf } from '../body.js';
import { listFolder } from '../data/folders.js';
import { filesWithin, readWithin } from '../data/read.js';
import type { Studio } from '../studio.js';

const pathQuery = z.object({ path: z.string().max(4096).default('') });

export function dataRoutes(studio: Studio): Hono {
  const app = new Hono();
  app.get('/folder', (context) => context.json(listFolder(studio.dataFolder, queryOf(context, pathQuery).path)));
  app.get('/image', async (context) => {
    const file = studio.file(queryOf(context, pathQuery).path);
    const { facts, arrays } = pictureOf(await readWithin(studio.dataFolder, file));
    return context.body(encodeFrame(facts, arrays), 200, { 'content-type': 'application/octet-stream' });
  });
  app.get('/files', async (context) => {
    const files = await filesWithin(studio.dataFolder, studio.file(queryOf(context, pathQuery).path));
    return context.body(encodeFrame({}, files), 200, { 'content-type': 'application/octet-stream' });
  });
  return app;
}
