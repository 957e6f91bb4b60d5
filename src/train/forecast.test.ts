import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrainingConfig } from './config/sections.js';
import { createForecaster } from './forecast.js';

const config = { schedule: { steps: 100 }, run: { validateEvery: 25, checkpointEvery: 30 } } as TrainingConfig;

function tenSteps(from: number | null) {
  const forecaster = createForecaster(config, from);
  const told: unknown[] = [];
  if (from === null) {
    forecaster.took('look', 8);
    forecaster.took('save', 1);
  }
  for (let step = (from ?? 0) + 1; step <= (from ?? 0) + 12 && step <= 100; step++) {
    forecaster.took('step', step === (from ?? 0) + 1 ? 5 : 2);
    const forecast = forecaster.after(step);
    if (forecast) told.push(step, forecast);
  }
  return told;
}

test('after ten steps the rest is as many steps, looks and checkpoints at what they took, the first step left out', () => {
  // 90 steps of 2 s, looks at 25, 50, 75 and 100, checkpoints at 30, 60, 90 and 100; so far 8 + 1 + 5 + 9 · 2 s.
  assert.deepEqual(tenSteps(null), [10, { left: 90 * 2 + 4 * 8 + 4 * 1, whole: 216 + 32 }]);
});

test('a run that goes on tells what is left, and one that ends within ten steps nothing', () => {
  assert.deepEqual(tenSteps(40), [50, { left: 50 * 2, whole: null }]);
  assert.deepEqual(tenSteps(90), []);
  assert.deepEqual(tenSteps(95), []);
});
