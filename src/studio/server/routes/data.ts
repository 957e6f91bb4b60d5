/** The folder of the data: what is in it, and its images as values. */
import { Hono } from 'hono';
import { z } from 'zod';
import { queryOf } from '../body.js';
import { listFolder } from '../data/folders.js';
import { pictureFrame } from '../data/picture.js';
import type { Studio } from '../studio.js';

const pathQuery = z.object({ path: z.string().max(4096).default('') });

export function dataRoutes(studio: Studio): Hono {
  const app = new Hono();
  app.get('/folder', (context) => context.json(listFolder(studio.dataFolder, queryOf(context, pathQuery).path)));
  app.get('/image', async (context) => {
    const bytes = await pictureFrame(studio.file(queryOf(context, pathQuery).path));
    return context.body(bytes, 200, { 'content-type': 'application/octet-stream' });
  });
  return app;
}
