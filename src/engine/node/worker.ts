/** The thread that owns onnxruntime-node. */
import { parentPort, workerData } from 'node:worker_threads';
import { chooseDevice } from '../choose.js';
import type { DeviceChoice } from '../engine.js';
import { serve } from '../serve.js';
import { nodePlatform, nodeRuntime } from './device.js';

const { device: wanted, threads } = workerData as { device: DeviceChoice; threads: number };

async function start() {
  const chosen = await chooseDevice(wanted, nodePlatform(threads));
  return { runtime: nodeRuntime(chosen.device, threads), chosen };
}

parentPort!.on(
  'message',
  serve(start, (answer) => parentPort!.postMessage(answer)),
);
