/** Golden handlers of checkpoints and state dict names, which lie in files beside the case. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../engine/index.js';
import type { Target } from '../../graph/index.js';
import { packParameters } from '../../nn/index.js';
import { coverSpecs } from '../../pretrain/cover/step.js';
import type { GoldenCase, GoldenHandler, GoldenResult } from './case.js';
import { coverOptions, type Place, predict } from './training.js';
import { readCheckpointTwin } from './weights.js';

export function checkpointHandlers(engine: Engine, target: Target): Record<string, GoldenHandler> {
  return {
    checkpoint: (golden) => checkpointCase({ engine, target }, golden),
    state_dict_names: stateDictCase,
  };
}

async function checkpointCase(on: Place, golden: GoldenCase): Promise<GoldenResult> {
  const options = coverOptions(golden.params);
  const state = new Map(
    [...golden.tensors].filter(([name]) => name.startsWith('state.')).map(([name, t]) => [name.slice(6), t]),
  );
  const forward = await predict(on, golden, options, packParameters(state, coverSpecs(options)));
  return {
    tensors: { 'out.flow_pred': forward.predicted!, 'out.f_F': forward.fixedFeatures! },
    checks: readCheckpointTwin(golden),
  };
}

const stateDictCase: GoldenHandler = async (golden) => {
  const dims = golden.params.dimensions as string;
  const text = readFileSync(join(golden.folder, `M_state_dict_default_${dims}.json`), 'utf8');
  const stored = JSON.parse(text) as { entries: { name: string; shape: number[]; buffer: boolean }[] };
  const options = coverOptions({
    dimensions: dims,
    n_channels: 1,
    chan: [32, 64, 128, 256, 512, 256, 128, 64, 32],
    num_heads: [4, 4, 4, 1, 1],
    amp: 2,
    variant: 'reference',
  });
  const show = (entry: { name: string; shape: readonly number[] }) => `${entry.name} [${entry.shape.join()}]`;
  const expected = stored.entries.filter((entry) => !entry.buffer).map(show);
  const found = coverSpecs(options).map(show);
  const wrong =
    expected.filter((entry, index) => found[index] !== entry).length + Math.abs(found.length - expected.length);
  return { checks: [{ what: 'names and shapes that differ', error: wrong, allowed: 0 }] };
};
