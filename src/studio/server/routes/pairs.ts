/** The rooms of views and of matches: what a pretrained network says of two images. */
import { Hono } from 'hono';
import { z } from 'zod';
import { queryOf } from '../body.js';
import { colourFrame, featureFrame } from '../pairs/features.js';
import { registrationFrame } from '../pairs/registration.js';
import { sampleFrame } from '../pairs/sample.js';
import type { Studio } from '../studio.js';

const path = z.string().min(1).max(4096);
const runQuery = z.object({ run: path });

export function pairRoutes(studio: Studio): Hono {
  const app = new Hono();
  const send = (bytes: Uint8Array<ArrayBuffer>) =>
    new Response(bytes, { headers: { 'content-type': 'application/octet-stream' } });
  app.get('/features', async (context) => {
    const { run, image } = queryOf(context, runQuery.extend({ image: path }));
    const file = studio.file(image);
    return send(await studio.networks.ask(studio.run(run), (network) => featureFrame(network, file)));
  });
  app.get('/colours', async (context) => {
    const { run, a, b } = queryOf(context, runQuery.extend({ a: path, b: path }));
    const [first, second] = [studio.file(a), studio.file(b)];
    return send(await studio.networks.ask(studio.run(run), (network) => colourFrame(network, first, second)));
  });
  app.get('/registration', async (context) => {
    const { run, a, b } = queryOf(context, runQuery.extend({ a: path, b: path }));
    const [moving, fixed] = [studio.file(a), studio.file(b)];
    return send(await studio.networks.ask(studio.run(run), (network) => registrationFrame(network, moving, fixed)));
  });
  app.get('/sample', async (context) => {
    const { run, index } = queryOf(context, runQuery.extend({ index: z.coerce.number().int().min(0).max(1e6) }));
    return send(await studio.networks.ask(studio.run(run), (network) => sampleFrame(network, index)));
  });
  return app;
}
