/**
 * The device that tests are asked to run on beside the CPU: `COVER_TEST_DEVICE=webgpu npm test`. Asked for by name,
 * because a driver that imitates a graphics card takes minutes.
 */
import type { Device, Engine } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';

export const askedDevice = process.env.COVER_TEST_DEVICE as Device | undefined;

/** An engine on it, or why there is none. */
export async function startAsked(): Promise<Engine | string> {
  if (!askedDevice) return 'no device is named: set COVER_TEST_DEVICE=webgpu or cuda to run this';
  return startEngine({ device: askedDevice }).catch((error: Error) => error.message);
}
