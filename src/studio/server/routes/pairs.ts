/** The rooms of views and of matches: what a pretrained network says of two images. */
import { Hono } from 'hono';
import { z } from 'zod';
import { openImages } from '../../../node/images.js';
import type { Network } from '../../../use/index.js';
import type { Answer } from '../../answers/answer.js';
import { featureColours } from '../../answers/colours.js';
import { imageFeatures } from '../../answers/features.js';
import { registered } from '../../answers/registration.js';
import { validationSample } from '../../answers/sample.js';
import { queryOf } from '../body.js';
import { inputFor } from '../data/read.js';
import { framed } from '../framed.js';
import type { Studio } from '../studio.js';

const path = z.string().min(1).max(4096);
const runQuery = z.object({ run: path });

export function pairRoutes(studio: Studio): Hono {
  const app = new Hono();
  const ask = async (run: string, question: (network: Network) => Promise<Answer<unknown>>) => {
    const { facts, arrays } = await studio.networks.ask(studio.run(run), question);
    return framed(facts, arrays);
  };
  const read = (file: string, { model }: Network) => inputFor(studio.dataFolder, file, model.config);
  app.get('/features', async (context) => {
    const { run, image } = queryOf(context, runQuery.extend({ image: path }));
    const file = studio.file(image);
    return ask(run, async (network) => imageFeatures(network, await read(file, network)));
  });
  app.get('/colours', async (context) => {
    const { run, a, b } = queryOf(context, runQuery.extend({ a: path, b: path }));
    const [first, second] = [studio.file(a), studio.file(b)];
    return ask(run, async (network) =>
      featureColours(network, [await read(first, network), await read(second, network)]),
    );
  });
  app.get('/registration', async (context) => {
    const { run, a, b } = queryOf(context, runQuery.extend({ a: path, b: path }));
    const [moving, fixed] = [studio.file(a), studio.file(b)];
    return ask(run, async (network) => registered(network, await read(moving, network), await read(fixed, network)));
  });
  app.get('/sample', async (context) => {
    const { run, index } = queryOf(context, runQuery.extend({ index: z.coerce.number().int().min(0).max(1e6) }));
    return ask(run, async (network) => {
      const images = await openImages(network.model.config);
      try {
        return await validationSample(network, images, index);
      } finally {
        images.close();
      }
    });
  });
  return app;
}
