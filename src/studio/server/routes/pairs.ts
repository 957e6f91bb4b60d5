/** The rooms of views and of matches: what a pretrained network says of two images. */
import { Hono } from 'hono';
import type { Studio } from '../studio.js';

export function pairRoutes(_studio: Studio): Hono {
  return new Hono();
}
