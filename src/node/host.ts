/** What trainings ask of Node: an engine in a thread, free memory, weights in files. */
import { createHash } from 'node:crypto';
import { startEngine, targetOf } from '../engine/node/index.js';
import { freeMemory } from '../system/free-memory.js';
import type { TrainingHost } from '../train/host.js';
import { loadWeightFile } from '../weights/files.js';
import { modelFile } from './model-file.js';

export const nodeHost: TrainingHost = {
  startEngine,
  cpuTarget: targetOf('cpu'),
  freeMemory: () => freeMemory(),
  async readWeights(source) {
    return loadWeightFile(modelFile(source));
  },
  async digest(parts) {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest('hex');
  },
};
