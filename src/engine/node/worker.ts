/** The thread that owns onnxruntime-node. */
import { parentPort, workerData } from 'node:worker_threads';
import { chooseDevice } from '../choose.js';
import type { DeviceChoice, PeerOptions } from '../engine.js';
import { serve } from '../serve.js';
import { nodePlatform, nodeRuntime } from './device.js';

const {
  device: wanted,
  threads,
  peers,
} = workerData as {
  device: DeviceChoice;
  threads: number;
  peers?: PeerOptions;
};

async function start() {
  const chosen = await chooseDevice(wanted, nodePlatform(threads));
  const runtime = nodeRuntime(chosen.device, threads);
  if (!peers) return { runtime, chosen };
  const { joinMpi } = await import('../../cluster/mpi/group.js');
  return { runtime, chosen, group: await joinMpi(peers.library) };
}

parentPort!.on(
  'message',
  serve(start, (answer) => parentPort!.postMessage(answer)),
);
