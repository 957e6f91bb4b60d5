import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { tensor } from '../core/tensor.js';
import { ownOperatorsWork } from '../engine/node/native/available.js';
import { placementIn, placementOf } from '../engine/node/placement.js';
import { add, exp, Graph } from '../graph/index.js';
import { encodeOnnx } from '../onnx/encode.js';
import { formatDeviceReport, measuredStep, placeStep, reportDevice, SMALL } from './device-report.js';

test('the CPU is reported with a measured step', async () => {
  const report = await reportDevice('cpu', { small: true });
  assert.equal(report.device, 'cpu');
  assert.ok(report.step.stepMs > 0 && report.step.firstMs > 0);
  const text = formatDeviceReport(report);
  assert.match(text, /^device: cpu$/m);
  assert.match(
    text,
    ownOperatorsWork() ? /^operators of our own: yes, AVX(2|-512)$/m : /^operators of our own: no: ./m,
  );
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
    groupThreads: 1024,
    sharedMemory: 49152,
  } as const;
  const placement = {
    nodes: { WebGpu: { Conv: 3, Add: 4 }, CPU: { Sign: 1, Cast: 2 } },
    toCpu: { tensors: 1, bytes: 64 },
    toDevice: { tensors: 2, bytes: 128 },
    fed: 4096,
    given: 12,
  };
  assert.equal(
    formatDeviceReport({
      ...{ device: 'webgpu', passedOver: ['cuda: absent'], cards: [card], notHalf: null, step, placement },
    }),
    [
      'not cuda: absent',
      'device: webgpu',
      'graphics card: Card (discrete, Vulkan 1.3.2): memory 24.0 GiB, largest tensor 2.0 GiB, ' +
        '1024 threads share 48 KiB',
      'float16, for precision=mixed: yes',
      'a training step: 12 ms, the first 1.5 s (COVER with channels 8, 32 × 32, batch 1)',
      'nodes of its gradient: 7 on WebGpu, 3 on CPU (Cast, Sign)',
      'crossing within it: 1 tensors of 64 bytes to the CPU, 2 of 128 bytes back; fed before it: 4096 bytes; given back: 12',
    ].join('\n'),
  );
  const onCpu = { device: 'cpu', passedOver: [], notHalf: 'slow', step, placement: null };
  assert.match(formatDeviceReport({ ...onCpu, cards: null }), /no Vulkan loader[\s\S]*float16, .*: no: slow\n/);
  assert.match(formatDeviceReport({ ...onCpu, cards: [] }), /none that Vulkan knows/);
  assert.match(
    formatDeviceReport({ ...onCpu, cards: [], own: { missing: 'off' } }),
    /^operators of our own: no: off$/m,
  );
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
  assert.deepEqual([card!.groupThreads, card!.sharedMemory], [256, 32768]);
});

test('where nodes run and what crosses is read from the record of a run', async () => {
  const x = new Graph('gpu').input('x', [3]);
  const { nodes, toCpu } = await placementOf('cpu', encodeOnnx({ y: exp(add(x, x)) }), { x: tensor([3]) }, []);
  assert.deepEqual([nodes, toCpu], [{ CPU: { Add: 1, Exp: 1 } }, { tensors: 0, bytes: 0 }]);
  const event = (op: string, provider: string, bytes = '4', cat = 'Node') => ({
    ...{ cat, name: `${op}_1_kernel_time`, ts: 0, dur: 1 },
    args: { op_name: op, provider: `${provider}ExecutionProvider`, output_size: bytes },
  });
  const found = placementIn([
    event('Conv', 'WebGpu'),
    event('Conv', 'WebGpu'),
    event('MemcpyToHost', 'WebGpu', '48'),
    event('Sign', 'CPU'),
    event('MemcpyFromHost', 'WebGpu', '12'),
    event('Conv', 'WebGpu', '4', 'Session'),
  ]);
  assert.deepEqual(found, {
    nodes: { WebGpu: { Conv: 2 }, CPU: { Sign: 1 } },
    toCpu: { tensors: 1, bytes: 48 },
    toDevice: { tensors: 1, bytes: 12 },
  });
});

test("a step's nodes are counted where they run, and what is fed and given back", async () => {
  const { nodes, toCpu, toDevice, fed, given } = await placeStep('cpu', measuredStep(SMALL));
  assert.deepEqual(Object.keys(nodes), ['CPU']);
  assert.ok(nodes.CPU!.Conv! > 30, JSON.stringify(nodes));
  assert.deepEqual([toCpu.tensors, toDevice.tensors], [0, 0]);
  // Two images, a field of two components and a mask, of 32², and the mask's sum; two losses and an error.
  assert.deepEqual([fed, given], [4 * (5 * 32 * 32 + 1), 12]);
});
