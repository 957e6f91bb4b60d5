/** An answer of arrays with a description. */
import { encodeFrame, type FrameArray } from '../shared/frame.js';

export function framed(facts: unknown, arrays: Readonly<Record<string, FrameArray>>): Response {
  return new Response(encodeFrame(facts, arrays), { headers: { 'content-type': 'application/octet-stream' } });
}
