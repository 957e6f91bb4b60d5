/**
 * Which device computes. A device that was named must work; `auto` takes CUDA where it works, then WebGPU where it is
 * faster than the CPU. The runtime does not tell a graphics card from a driver that only imitates one, so a small
 * measurement decides.
 */
import type { Target } from '../graph/index.js';
import type { Device, DeviceChoice } from './engine.js';
import { startModel } from './one-node.js';
import { briefly, type Runtime } from './runtime.js';

export interface ChosenDevice {
  readonly device: Device;
  /** How graphs for the device are built. */
  readonly target: Target;
  /** For `auto`: why each device before it was passed over. */
  readonly passedOver: readonly string[];
}

/** The devices that a platform has. */
export interface Platform {
  /** What `auto` tries before the CPU, the best first. */
  readonly preferred: readonly Device[];
  targetOf(device: Device): Target;
  /** What is known to keep a device from working before it is tried, or null. */
  missing(device: Device): string | null | Promise<string | null>;
  /** What keeps a device from starting, where the runtime's own message does not say. */
  cause?(device: Device): Promise<string | null>;
  /** What to do where a device does not work. */
  advice(device: Device): string;
  runtime(device: Device): Runtime | Promise<Runtime>;
}

/** Runs of which the fastest counts; one more before them compiles. */
const TIMED_RUNS = 3;
/** Extents of the speed model: one that even a slow device ends soon, and one that fills a fast one. */
const EXTENTS = { small: 16, large: 128 } as const;
/** A device that takes longer for the small model, in ms, is no graphics card: that were less than 0.4 GFLOP/s. */
const SMALL_LIMIT = 50;

/** @throws when the device that was asked for does not work here; says what was tried, why it failed and what to do */
export async function chooseDevice(wanted: DeviceChoice, platform: Platform): Promise<ChosenDevice> {
  const chosen = (device: Device, passedOver: readonly string[]) => ({
    device,
    target: platform.targetOf(device),
    passedOver,
  });
  if (wanted !== 'auto') {
    const reason = await whyNot(wanted, platform);
    if (!reason) return chosen(wanted, []);
    throw new Error(`the device "${wanted}" does not work here: ${reason}\n  ${platform.advice(wanted)}`);
  }
  const passedOver: string[] = [];
  for (const device of platform.preferred) {
    const reason = (await whyNot(device, platform)) ?? (await whySlow(device, platform));
    if (!reason) return chosen(device, passedOver);
    passedOver.push(`${device}: ${reason}`);
  }
  return chosen('cpu', passedOver);
}

/** What keeps a device from computing, or null. */
async function whyNot(device: Device, platform: Platform): Promise<string | null> {
  const missing = await platform.missing(device);
  if (missing) return missing;
  try {
    const runtime = await platform.runtime(device);
    const session = await runtime.createSession(startModel(), { optimise: true });
    const { y } = await session.run({ x: new runtime.Tensor('float32', Float32Array.of(3), [1]) });
    await session.release();
    const found = (y!.data as Float32Array)[0];
    return found === -3 ? null : `it starts but computes wrongly: −(3) gave ${found}`;
  } catch (error) {
    return (await platform.cause?.(device)) ?? briefly(error);
  }
}

/** What makes WebGPU a bad choice although it works, or null. CUDA exists on graphics cards only. */
async function whySlow(device: Device, platform: Platform): Promise<string | null> {
  if (device !== 'webgpu') return null;
  const timed = async (on: Device, extent: number) =>
    milliseconds(await platform.runtime(on), platform.targetOf(on), extent);
  try {
    const small = await timed(device, EXTENTS.small);
    const extent = small > SMALL_LIMIT ? EXTENTS.small : EXTENTS.large;
    const here = extent === EXTENTS.small ? small : await timed(device, extent);
    const cpu = await timed('cpu', extent);
    if (here < cpu) return null;
    return `it works but is slower than the CPU here (${here.toFixed(1)} ms against ${cpu.toFixed(1)} ms)`;
  } catch (error) {
    return briefly(error);
  }
}

/** The shortest time of the speed model. */
export async function milliseconds(runtime: Runtime, target: Target, extent: number): Promise<number> {
  // Only where speeds are compared does the thread that computes need to build a graph.
  const { speedModel } = await import('./trial.js');
  const session = await runtime.createSession(speedModel(target, extent), { optimise: true });
  const once = async () => {
    const started = performance.now();
    await session.run({ x: new runtime.Tensor('float32', Float32Array.of(1), [1]) });
    return performance.now() - started;
  };
  await once();
  let best = await once();
  for (let run = 1; run < TIMED_RUNS; run++) best = Math.min(best, await once());
  await session.release();
  return best;
}
