/** The thread that owns onnxruntime-node. */
import { parentPort } from 'node:worker_threads';
import { chooseDevice } from '../choose.js';
import { serve } from '../serve.js';
import { loadAhead, nodePlatform, nodeRuntime } from './device.js';

const serving = serve(
  async ({ device, threads, largest, peers }) => {
    const chosen = await chooseDevice(device, nodePlatform(threads, largest));
    const runtime = nodeRuntime(chosen.device, threads, largest);
    if (!peers) return { runtime, chosen };
    const { joinMpi } = await import('../../cluster/mpi/group.js');
    return { runtime, chosen, group: await joinMpi(peers.library) };
  },
  (answer, handedOver) => parentPort!.postMessage(answer, handedOver),
);
parentPort!.on('message', serving);
loadAhead();
