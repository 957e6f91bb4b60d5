import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { formatDeviceReport, reportDevice } from './device-report.js';

test('the CPU is reported with a measured step', async () => {
  const report = await reportDevice('cpu', { small: true });
  assert.equal(report.device, 'cpu');
  assert.ok(report.step.stepMs > 0 && report.step.firstMs > 0);
  const text = formatDeviceReport(report);
  assert.match(text, /^device: cpu$/m);
  assert.match(text, /^a training step: \d+ ms, the first \d+\.\d s \(COVER with channels 8, .*32 × 32, batch 1\)$/m);
});

test('cards are told with their limits', () => {
  const step = { crop: [32, 32], batch: 1, channels: [8], firstMs: 1500, stepMs: 12.3 };
  const card = {
    name: 'Card',
    kind: 'discrete',
    vulkan: '1.3.2',
    largestBuffer: 2 ** 31,
    memory: 3 * 2 ** 33,
  } as const;
  assert.equal(
    formatDeviceReport({ device: 'webgpu', passedOver: ['cuda: absent'], cards: [card], step }),
    [
      'not cuda: absent',
      'device: webgpu',
      'graphics card: Card (discrete, Vulkan 1.3.2): memory 24.0 GiB, largest tensor 2.0 GiB',
      'a training step: 12 ms, the first 1.5 s (COVER with channels 8, 32 × 32, batch 1)',
    ].join('\n'),
  );
  assert.match(formatDeviceReport({ device: 'cpu', passedOver: [], cards: null, step }), /no Vulkan loader/);
  assert.match(formatDeviceReport({ device: 'cpu', passedOver: [], cards: [], step }), /none that Vulkan knows/);
});

const software = '/usr/lib/chromium/vk_swiftshader_icd.json';

test('the Vulkan loader is asked', { skip: !existsSync(software) && 'no software driver is installed' }, async (t) => {
  process.env.VK_ICD_FILENAMES = software;
  const { graphicsCards } = await import('../engine/node/vulkan.js');
  const cards = await graphicsCards().catch((error: Error) => error);
  if (cards instanceof Error) return t.skip(cards.message);
  const [card] = cards;
  assert.match(card!.name, /SwiftShader/);
  assert.equal(card!.kind, 'software');
  assert.equal(card!.largestBuffer, 2 ** 30);
  assert.ok(card!.memory > 0);
});
