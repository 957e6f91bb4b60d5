/**
 * What `cover doctor --device` says: which device computes, the graphics cards that there are, and what a step takes.
 */
import { randomStream } from '../core/random.js';
import { sizeOf } from '../core/tensor.js';
import type { DeviceChoice, Engine } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { type GraphicsCard, graphicsCards } from '../engine/node/vulkan.js';
import { defaultChannels, initialParameters } from '../nn/index.js';
import { readConfig } from '../pretrain/config.js';
import { GROUP, methodOf, objectiveOf } from '../pretrain/methods.js';
import { defaultOptimizer } from '../train/optimizer.js';
import { createTrainer } from '../train/trainer.js';

export interface StepTime {
  readonly crop: readonly number[];
  readonly batch: number;
  readonly channels: readonly number[];
  /** From the start of the first step to its end: programs and shaders are made. */
  readonly firstMs: number;
  /** The median of those after it. */
  readonly stepMs: number;
}

export interface DeviceReport {
  readonly device: string;
  readonly passedOver: readonly string[];
  /** Null where no loader tells them. */
  readonly cards: readonly GraphicsCard[] | null;
  readonly step: StepTime;
}

/** The default network on a view of 128², or what is quick enough on any device to be waited for. */
const FULL = { channels: defaultChannels, crop: [128, 128], heads: [4, 4, 4, 1, 1] } as const;
const SMALL = { channels: [8, 8, 8, 8, 8, 8, 8, 8, 8], crop: [32, 32], heads: [1, 1, 1, 1, 1] } as const;
const STEPS = 5;

/**
 * @param small measures a small network, for a driver that imitates a card
 * @throws InputError when the device that was asked for does not work here
 */
export async function reportDevice(choice: DeviceChoice, { small = false } = {}): Promise<DeviceReport> {
  const engine = await startEngine({ device: choice });
  try {
    const cards = await graphicsCards().catch(() => null);
    const step = await timeStep(engine, small ? SMALL : FULL);
    return { device: engine.device, passedOver: engine.passedOver, cards, step };
  } finally {
    await engine.close();
  }
}

async function timeStep(engine: Engine, { channels, crop, heads }: typeof FULL | typeof SMALL): Promise<StepTime> {
  const sizes = { 'views.crop': crop, 'model.channels': channels, 'model.heads': heads, 'model.window': 2 };
  const settings = Object.entries(sizes).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const method = methodOf(readConfig({ settings }));
  const objective = objectiveOf(method, crop);
  const trainer = await createTrainer(engine, { objective, optimizer: defaultOptimizer, batch: 1, micro: 1 });
  await trainer.setState(new Map([[`${GROUP}.theta`, initialParameters(method.specs, 0)]]));
  const random = randomStream(0, 'device report');
  const drawn = (count: number, scale: number) => Float32Array.from({ length: count }, () => scale * random.normal());
  const pixels = sizeOf(crop);
  const batch = {
    moving: drawn(pixels, 1),
    fixed: drawn(pixels, 1),
    field: drawn(2 * pixels, 2),
    mask: new Float32Array(pixels).fill(1),
  };
  const times: number[] = [];
  for (let step = 1; step <= STEPS + 1; step++) {
    const began = performance.now();
    await trainer.step(batch, { [GROUP]: { rate: 1e-5, step } });
    times.push(performance.now() - began);
  }
  const [firstMs, ...rest] = times as [number, ...number[]];
  return { crop, batch: 1, channels, firstMs, stepMs: rest.sort((a, b) => a - b)[rest.length >> 1]! };
}

export function formatDeviceReport({ device, passedOver, cards, step }: DeviceReport): string {
  const lines = passedOver.map((reason) => `not ${reason}`);
  lines.push(`device: ${device}`);
  if (cards === null) lines.push('graphics cards: no Vulkan loader tells of any');
  else if (cards.length === 0) lines.push('graphics cards: none that Vulkan knows');
  for (const { name, kind, vulkan, largestBuffer, memory } of cards ?? []) {
    const limits = `memory ${gigabytes(memory)}, largest tensor ${gigabytes(largestBuffer)}`;
    lines.push(`graphics card: ${name} (${kind}, Vulkan ${vulkan}): ${limits}`);
  }
  const network = `COVER with channels ${step.channels.join(', ')}, ${step.crop.join(' × ')}, batch ${step.batch}`;
  lines.push(
    `a training step: ${step.stepMs.toFixed(0)} ms, the first ${(step.firstMs / 1000).toFixed(1)} s (${network})`,
  );
  return lines.join('\n');
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
