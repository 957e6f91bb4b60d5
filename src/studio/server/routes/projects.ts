/** The room of labelling: projects, what is drawn, training on it, predictions, import and export. */
import { Hono } from 'hono';
import { z } from 'zod';
import { filesById } from '../../../data/labelled/index.js';
import { openSegmenter } from '../../../node/index.js';
import { loadFinetuned } from '../../../node/models.js';
import { requirePretraining } from '../../answers/pretraining.js';
import { changed, holding } from '../../answers/project.js';
import {
  caseRequest,
  changeProject,
  exportRequest,
  folderRequest,
  holdRequest,
  newProject,
  projectName,
  trainRequest,
} from '../../shared/requests.js';
import { binaryBody, jsonBody, queryOf } from '../body.js';
import { framed } from '../framed.js';
import { startJob } from '../jobs/jobs.js';
import { pathBelow } from '../paths.js';
import { prepareAtlas } from '../projects/atlas.js';
import { caseDistances } from '../projects/distances.js';
import { exportMasks, imageOf, importBytes, importMask, readDrawn, writeDrawn } from '../projects/drawn.js';
import { predictionPlace, readPrediction } from '../projects/predict.js';
import {
  createProject,
  imagesOf,
  listProjects,
  readPredicted,
  readProject,
  readRecord,
  writeRecord,
} from '../projects/store.js';
import { prepareTraining } from '../projects/train.js';
import { refused } from '../refused.js';
import type { Studio } from '../studio.js';

const LABEL_LIMIT = 2 ** 26;
const projectQuery = z.object({ project: projectName });
const predictRequest = z.strictObject({
  project: projectName,
  /** Empty where the project has none yet. */
  run: z.string().max(4096),
  step: z.int().nonnegative(),
  atlas: z.boolean(),
});

export function projectRoutes(studio: Studio): Hono {
  const app = new Hono();
  app.get('/', (context) => context.json(listProjects(studio.places)));
  app.post('/', async (context) => {
    const { name, folder, classes, from } = await jsonBody(context, newProject);
    const record = { folder, classes, from, restIsBackground: true, held: [], runs: [] };
    createProject(studio.places, name, record);
    return context.json(readProject(studio.places, name));
  });
  app.get('/one', (context) => context.json(readProject(studio.places, queryOf(context, projectQuery).project)));
  app.post('/change', async (context) => {
    const { project, ...change } = await jsonBody(context, changeProject);
    writeRecord(studio.places, project, changed(readRecord(studio.places, project), change));
    return context.json(readProject(studio.places, project));
  });
  app.post('/hold', async (context) => {
    const { project, id, held } = await jsonBody(context, holdRequest);
    writeRecord(studio.places, project, holding(readRecord(studio.places, project), id, held));
    return context.json(readProject(studio.places, project));
  });

  app.get('/drawn', async (context) => {
    const { project, id } = queryOf(context, caseRequest);
    const image = imageOf(studio.places, readRecord(studio.places, project), id);
    const drawn = await readDrawn(studio.places, project, id, image);
    return framed({ drawn: drawn !== null }, drawn ? { labels: drawn.data } : {});
  });
  app.post('/drawn', async (context) => {
    const { project, id } = queryOf(context, caseRequest);
    const labels = await binaryBody(context, LABEL_LIMIT);
    return context.json({ labelled: await writeDrawn(studio.places, project, id, labels) });
  });
  app.post('/mask', async (context) => {
    const { project, id } = queryOf(context, caseRequest);
    await importBytes(studio.places, project, id, await binaryBody(context, LABEL_LIMIT));
    return context.json({ id });
  });
  app.post('/import', async (context) => {
    const { folder, project } = await jsonBody(context, folderRequest.extend({ project: projectName }));
    const known = imagesOf(studio.places, readRecord(studio.places, project));
    const masks = [...filesById(studio.file(folder))].filter(([id]) => known.has(id));
    for (const [id, path] of masks)
      await importMask(studio.places, project, id, studio.file(pathBelow(studio.dataFolder, path)));
    return context.json({ imported: masks.length });
  });
  app.post('/export', async (context) => {
    const { project, format } = await jsonBody(context, exportRequest);
    return context.json({ folder: await exportMasks(studio.places, studio.runs, project, format) });
  });

  app.post('/train', async (context) => {
    const { project, ...wish } = await jsonBody(context, trainRequest);
    const { run, args } = await prepareTraining(studio.places, studio.runs, project, wish);
    await startJob(studio.newRun(run), args);
    return context.json({ run });
  });
  app.post('/predict', async (context) => {
    const { project, run, step, atlas } = await jsonBody(context, predictRequest);
    const record = readRecord(studio.places, project);
    if (!record.runs.includes(run) && !(atlas && run === '')) throw refused(404, `${run}: no run of this project`);
    const pretraining = atlas ? requirePretraining(project, record) : '';
    const folder = studio.run(pretraining || run);
    const open = atlas
      ? await prepareAtlas(studio.places, project, folder)
      : () => openSegmenter(loadFinetuned(folder));
    studio.predictions.start(project, { run, step, atlas: pretraining }, async () =>
      predictionPlace(studio.places, project, await open()),
    );
    return context.json({ run });
  });
  app.get('/predicted', (context) => {
    const { project } = queryOf(context, projectQuery);
    const { run, step, cases } = readPredicted(studio.places, project);
    const images = imagesOf(studio.places, readRecord(studio.places, project));
    // A studio that was closed in the middle begins again.
    const all = [...images.keys()].every((id) => Object.hasOwn(cases, id));
    return context.json(all ? { run, step } : null);
  });
  app.get('/distances', async (context) => {
    const { project } = queryOf(context, projectQuery);
    const run = studio.run(requirePretraining(project, readRecord(studio.places, project)));
    return context.json(await studio.networks.ask(run, (network) => caseDistances(studio.places, project, network)));
  });
  app.get('/progress', (context) => context.json(studio.predictions.progress));
  app.get('/prediction', async (context) => {
    const { project, id } = queryOf(context, caseRequest);
    const found = await readPrediction(studio.places, project, id);
    return framed(
      { predicted: found !== null },
      found ? { labels: found.labels.data, certainty: found.certainty.data } : {},
    );
  });
  return app;
}
