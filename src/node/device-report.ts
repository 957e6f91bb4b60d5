/**
 * What `cover doctor --device` says: which device computes, whether it has float16, the graphics cards that there are,
 * what of a step runs where, and how long one takes.
 */
import { randomStream } from '../core/random.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';
import type { Device, DeviceChoice, Engine } from '../engine/index.js';
import { startEngine } from '../engine/node/index.js';
import { type OwnOperators, ownOperators } from '../engine/node/native/available.js';
import { type Placement, placementOf } from '../engine/node/placement.js';
import { type GraphicsCard, graphicsCards } from '../engine/node/vulkan.js';
import { defaultChannels, initialParameters } from '../nn/index.js';
import { encodeOnnx } from '../onnx/encode.js';
import { readConfig } from '../pretrain/config.js';
import { GROUP, methodOf, objectiveOf } from '../pretrain/methods.js';
import { gradientName } from '../train/gradient-graph.js';
import { defaultOptimizer } from '../train/optimizer.js';
import { whyNotHalf } from '../train/precision.js';
import { createTrainer, trainingGraph } from '../train/trainer.js';

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
  /** Why the device does not compute in float16, or null. */
  readonly notHalf: string | null;
  /** Whether operators of ours compute; absent but on the CPU. */
  readonly own?: OwnOperators;
  readonly step: StepTime;
  /** Of the step's gradient; null on the CPU, where all is in one place. */
  readonly placement: StepPlacement | null;
}

export interface StepPlacement extends Placement {
  /** Bytes that are fed for a step, and that it gives back: views, and a few numbers. */
  readonly fed: number;
  readonly given: number;
}

/** The default network on a view of 128², or what is quick enough on any device to be waited for. */
const FULL = { channels: defaultChannels, crop: [128, 128], heads: [4, 4, 4, 1, 1] } as const;
export const SMALL = { channels: [8, 8, 8, 8, 8, 8, 8, 8, 8], crop: [32, 32], heads: [1, 1, 1, 1, 1] } as const;
const STEPS = 5;

const vectorNames = { avx512: 'AVX-512', avx2: 'AVX2' } as const;

/**
 * @param small measures a small network, for a driver that imitates a card
 * @throws InputError when the device that was asked for does not work here
 */
export async function reportDevice(choice: DeviceChoice, { small = false } = {}): Promise<DeviceReport> {
  const engine = await startEngine({ device: choice });
  try {
    const cards = await graphicsCards().catch(() => null);
    const measured = measuredStep(small ? SMALL : FULL);
    const step = await timeStep(engine, measured);
    const notHalf = await whyNotHalf(engine);
    const placement = engine.device === 'cpu' ? null : await placeStep(engine.device, measured);
    const own = engine.device === 'cpu' ? { own: ownOperators() } : {};
    return { device: engine.device, passedOver: engine.passedOver, cards, notHalf, ...own, step, placement };
  } finally {
    await engine.close();
  }
}

export function measuredStep({ channels, crop, heads }: typeof FULL | typeof SMALL) {
  const sizes = { 'views.crop': crop, 'model.channels': channels, 'model.heads': heads, 'model.window': 2 };
  const settings = Object.entries(sizes).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const method = methodOf(readConfig({ settings }));
  const objective = objectiveOf(method, crop);
  const random = randomStream(0, 'device report');
  const drawn = (count: number, scale: number) => random.normals(new Float32Array(count), scale);
  const pixels = sizeOf(crop);
  return {
    ...{ channels, crop },
    options: { objective, optimizer: defaultOptimizer, batch: 1, micro: 1 },
    theta: initialParameters(method.specs, 0),
    batch: {
      moving: drawn(pixels, 1),
      fixed: drawn(pixels, 1),
      field: drawn(2 * pixels, 2),
      mask: new Float32Array(pixels).fill(1),
    },
  };
}

type MeasuredStep = ReturnType<typeof measuredStep>;

async function timeStep(engine: Engine, { channels, crop, options, theta, batch }: MeasuredStep): Promise<StepTime> {
  const trainer = await createTrainer(engine, options);
  await trainer.setState(new Map([[`${GROUP}.theta`, theta]]));
  const times: number[] = [];
  for (let step = 1; step <= STEPS + 1; step++) {
    const given = structuredClone(batch);
    const began = performance.now();
    await trainer.step(given, { [GROUP]: { rate: 1e-5, step } });
    times.push(performance.now() - began);
  }
  const [firstMs, ...rest] = times as [number, ...number[]];
  return { crop, batch: 1, channels, firstMs, stepMs: rest.sort((a, b) => a - b)[rest.length >> 1]! };
}

/** Where the nodes of the step's gradient run, of a graph for a graphics card. */
export async function placeStep(device: Device, { options, theta, batch }: MeasuredStep): Promise<StepPlacement> {
  const { objective } = options;
  const outputs = trainingGraph(options, 'gpu');
  const given = Object.entries(objective.sampleShapes).map(([name, shape]): [string, Tensor] => {
    return [name, tensor([1, ...shape], batch[name as keyof typeof batch])];
  });
  const totals = Object.entries(objective.totals).map(([name, of]): [string, Tensor] => {
    return [name, tensor([1], Float32Array.of(of(batch)))];
  });
  const fed = [...given, ...totals];
  const feeds = Object.fromEntries([...fed, [GROUP, tensor([theta.length], theta)]]);
  const vector = `${gradientName(GROUP)}.next`;
  const placement = await placementOf(device, encodeOnnx(outputs), feeds, [vector]);
  const bytes = (shapes: readonly (readonly number[])[]) => 4 * shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const numbers = Object.entries(outputs).filter(([name]) => name !== vector);
  return {
    ...placement,
    fed: bytes(fed.map(([, { shape }]) => shape)),
    given: bytes(numbers.map(([, { shape }]) => shape)),
  };
}

export function formatDeviceReport(report: DeviceReport): string {
  const { device, passedOver, cards, notHalf, own, step, placement } = report;
  const lines = passedOver.map((reason) => `not ${reason}`);
  lines.push(`device: ${device}`);
  if (cards === null) lines.push('graphics cards: no Vulkan loader tells of any');
  else if (cards.length === 0) lines.push('graphics cards: none that Vulkan knows');
  for (const { name, kind, vulkan, largestBuffer, memory, groupThreads, sharedMemory } of cards ?? []) {
    lines.push(
      `graphics card: ${name} (${kind}, Vulkan ${vulkan}): memory ${gigabytes(memory)}, ` +
        `largest tensor ${gigabytes(largestBuffer)}, ${groupThreads} threads share ${sharedMemory / 1024} KiB`,
    );
  }
  if (own)
    lines.push(`operators of our own: ${'vectors' in own ? `yes, ${vectorNames[own.vectors]}` : `no: ${own.missing}`}`);
  lines.push(`float16, for precision=mixed: ${notHalf === null ? 'yes' : `no: ${notHalf}`}`);
  const network = `COVER with channels ${step.channels.join(', ')}, ${step.crop.join(' × ')}, batch ${step.batch}`;
  lines.push(
    `a training step: ${step.stepMs.toFixed(0)} ms, the first ${(step.firstMs / 1000).toFixed(1)} s (${network})`,
  );
  if (placement) lines.push(...placementLines(placement));
  return lines.join('\n');
}

function placementLines({ nodes, toCpu, toDevice, fed, given }: StepPlacement): string[] {
  const places = Object.entries(nodes).map(([place, operators]) => {
    const count = Object.values(operators).reduce((sum, one) => sum + one, 0);
    const named = place === 'CPU' ? ` (${Object.keys(operators).sort().join(', ')})` : '';
    return `${count} on ${place}${named}`;
  });
  const crosses = [
    `${toCpu.tensors} tensors of ${toCpu.bytes} bytes to the CPU`,
    `${toDevice.tensors} of ${toDevice.bytes} bytes back`,
  ];
  return [
    `nodes of its gradient: ${places.join(', ')}`,
    `crossing within it: ${crosses.join(', ')}; fed before it: ${fed} bytes; given back: ${given}`,
  ];
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
