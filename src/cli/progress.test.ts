import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coverMetrics } from '../pretrain/cover/method.js';
import { createProgress } from './progress.js';

const record = (step: number) => ({
  kind: 'train' as const,
  step,
  loss: 3,
  vectorLoss: 12.34,
  consistencyLoss: 0.123,
  endpointError: 10.12,
  gradientNorm: 1,
  learningRate: 1e-4,
  seconds: 1.5,
  dataWaitShare: 0,
  device: 'cpu' as const,
});

function output(isTTY: boolean) {
  const written: string[] = [];
  return { written, isTTY, columns: 80, write: (text: string | Uint8Array) => written.push(String(text)) > 0 };
}

test('a terminal has one line that is written over, within 80 columns', () => {
  const out = output(true);
  const progress = createProgress(out);
  progress.count('images examined', 1, 2);
  progress.line('device cpu');
  for (const step of [198_999, 199_000]) progress.step(record(step), 200_000, coverMetrics.train);
  progress.end();
  const text = out.written.join('').replaceAll('\r\x1b[2K', '<');
  assert.match(text, /^<images examined 1\/2<device cpu\n<step 198999\/200000 .*<step 199000.*\n$/);
  for (const part of text.split(/[<\n]/)) assert.ok(part.length < 80, part);
});

test('a pipe has plain lines, of every tenth step and the last', () => {
  const out = output(false);
  const progress = createProgress(out);
  for (const done of [1, 2]) progress.count('images examined', done, 2);
  for (let step = 1; step <= 12; step++) progress.step(record(step), 12, coverMetrics.train);
  const look = { endpointError: 9.87, zeroEndpointError: 12.3, featureDeviation: 0.1, effectiveRank: 3.21 };
  progress.validation({ kind: 'validation', step: 12, ...look }, coverMetrics);
  progress.end();
  const lines = out.written.join('').split('\n');
  assert.deepEqual(
    lines.map((line) => line.split(/ {2}|:/)[0]),
    ['images examined 2/2', 'step 10/12', 'step 12/12', 'validation at 12', '', ''],
  );
  assert.match(lines[2]!, /left {2}vec 12\.34 {2}con 0\.123 {2}EPE 10\.12 px$/);
  assert.equal(lines[3], 'validation at 12: EPE 9.87 px, zero field 12.30 px (ratio 0.802)');
  assert.ok(
    lines.every((line) => line.length <= 80 && !line.includes('\r')),
    out.written.join(''),
  );
});

test('a step that mixed precision leaves out has a line', () => {
  const out = output(false);
  const progress = createProgress(out);
  const skipped = { ...record(3), gradientNorm: Number.NaN, lossScale: 65536, skippedSteps: 1 };
  progress.step(skipped, 12, coverMetrics.train);
  const expected = 'step 3 is left out: its gradient overflowed; the loss is scaled by 32768, not 65536\n';
  assert.equal(out.written.join(''), expected);
});
