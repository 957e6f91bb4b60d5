/** The room of the segmentations: scores of every case, and its maps. */
import { Hono } from 'hono';
import { z } from 'zod';
import { splits } from '../../../finetune/cases.js';
import { queryOf } from '../body.js';
import { framed } from '../framed.js';
import type { Studio } from '../studio.js';

const resultsQuery = z.object({ run: z.string().min(1).max(4096), split: z.enum(splits) });
const caseQuery = z.object({ id: z.string().min(1).max(255) });

export function resultRoutes(studio: Studio): Hono {
  const app = new Hono();
  app.get('/', (context) => {
    const { run, split } = queryOf(context, resultsQuery);
    return context.json(studio.results.get(run, studio.run(run), split));
  });
  app.get('/case', (context) => {
    const { prediction, truth } = studio.results.maps(queryOf(context, caseQuery).id);
    return framed({}, { prediction, truth });
  });
  return app;
}
