/** The thread that owns onnxruntime-node. */
import { parentPort } from 'node:worker_threads';
import { chooseDevice } from '../choose.js';
import { serve } from '../serve.js';
import { nodePlatform, nodeRuntime } from './device.js';

const serving = serve(
  async ({ device, threads }) => {
    const chosen = await chooseDevice(device, nodePlatform(threads));
    return { runtime: nodeRuntime(chosen.device, threads), chosen };
  },
  (answer) => parentPort!.postMessage(answer),
);
parentPort!.on('message', serving);
