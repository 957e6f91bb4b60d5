/** The folder of the data: what is in it, and its images as values. */
import { Hono } from 'hono';
import { z } from 'zod';
import { pictureOf } from '../../answers/picture.js';
import { queryOf } from '../body.js';
import { listFolder } from '../data/folders.js';
import { filesWithin, readWithin } from '../data/read.js';
import { framed } from '../framed.js';
import type { Studio } from '../studio.js';

const pathQuery = z.object({ path: z.string().max(4096).default('') });

export function dataRoutes(studio: Studio): Hono {
  const app = new Hono();
  app.get('/folder', (context) => context.json(listFolder(studio.dataFolder, queryOf(context, pathQuery).path)));
  app.get('/image', async (context) => {
    const file = studio.file(queryOf(context, pathQuery).path);
    const { facts, arrays } = pictureOf(await readWithin(studio.dataFolder, file));
    return framed(facts, arrays);
  });
  app.get('/files', async (context) => {
    return framed({}, await filesWithin(studio.dataFolder, studio.file(queryOf(context, pathQuery).path)));
  });
  return app;
}
