/**
 * Which device of onnxruntime-node computes. A device that was named must work; `auto` takes CUDA where it works, then WebGPU
 * where it is faster than the CPU. The runtime does not tell a graphics card from a driver that only imitates one, so a small
 * measurement decides.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { type Device, type DeviceChoice, targetOf } from './engine.js';
import { speedModel, startModel } from './trial.js';

export interface ChosenDevice {
  readonly device: Device;
  /** For `auto`: why each device before it was passed over. */
  readonly passedOver: readonly string[];
}

/** Runs of which the fastest counts; one more before them compiles. */
const TIMED_RUNS = 3;
/** Extents of the speed model: one that even a slow device ends soon, and one that fills a fast one. */
const EXTENTS = { small: 16, large: 128 } as const;
/** A device that takes longer for the small model, in ms, is no graphics card: that were less than 0.4 GFLOP/s. */
const SMALL_LIMIT = 50;

/**
 * How long a thread that has nothing to do looks for work before it sleeps, in µs: most gaps within a step are shorter, and to
 * wake a thread costs some 5 % of a step. Longer would take the cores from the loader's workers.
 */
const SPIN = '200';

export function sessionOptions(device: Device, threads: number): ort.InferenceSession.SessionOptions {
  return {
    executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
    intraOpNumThreads: threads,
    enableMemPattern: false,
    extra: { session: { force_spinning_stop: '1', intra_op: { allow_spinning: '1', spin_duration_us: SPIN } } },
    logSeverityLevel: 3,
  };
}

/** @throws when the device that was asked for does not work here; says what was tried, why it failed and what to do */
export async function chooseDevice(wanted: DeviceChoice, threads: number): Promise<ChosenDevice> {
  if (wanted !== 'auto') {
    const reason = await whyNot(wanted, threads);
    if (!reason) return { device: wanted, passedOver: [] };
    throw new Error(`the device "${wanted}" does not work here: ${reason}\n  ${advice(wanted)}`);
  }
  const passedOver: string[] = [];
  for (const device of ['cuda', 'webgpu'] as const) {
    const reason = (await whyNot(device, threads)) ?? (await whySlow(device, threads));
    if (!reason) return { device, passedOver };
    passedOver.push(`${device}: ${reason}`);
  }
  return { device: 'cpu', passedOver };
}

/** What keeps a device from computing, or null. */
async function whyNot(device: Device, threads: number): Promise<string | null> {
  const missing = device === 'cuda' ? missingCudaLibrary() : null;
  if (missing) return missing;
  try {
    const session = await ort.InferenceSession.create(startModel(), sessionOptions(device, threads));
    const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(3), [1]) });
    await session.release();
    const found = (y!.data as Float32Array)[0];
    return found === -3 ? null : `it starts but computes wrongly: −(3) gave ${found}`;
  } catch (error) {
    return briefly(error);
  }
}

/** What makes WebGPU a bad choice although it works, or null. CUDA exists on graphics cards only. */
async function whySlow(device: Device, threads: number): Promise<string | null> {
  if (device !== 'webgpu') return null;
  try {
    const small = await milliseconds(device, threads, EXTENTS.small);
    const extent = small > SMALL_LIMIT ? EXTENTS.small : EXTENTS.large;
    const here = extent === EXTENTS.small ? small : await milliseconds(device, threads, extent);
    const cpu = await milliseconds('cpu', threads, extent);
    if (here < cpu) return null;
    return `it works but is slower than the CPU here (${here.toFixed(1)} ms against ${cpu.toFixed(1)} ms)`;
  } catch (error) {
    return briefly(error);
  }
}

/** The shortest time of the speed model. */
async function milliseconds(device: Device, threads: number, extent: number): Promise<number> {
  const model = speedModel(targetOf(device), extent);
  const session = await ort.InferenceSession.create(model, sessionOptions(device, threads));
  const once = async () => {
    const started = performance.now();
    await session.run({ x: new ort.Tensor('float32', Float32Array.of(1), [1]) });
    return performance.now() - started;
  };
  await once();
  let best = await once();
  for (let run = 1; run < TIMED_RUNS; run++) best = Math.min(best, await once());
  await session.release();
  return best;
}

/** The CUDA libraries do not travel in the npm package; asking for them first spares the runtime's own lines on stderr. */
function missingCudaLibrary(): string | null {
  const platform = `${process.platform}/${process.arch}`;
  if (platform !== 'linux/x64') return `onnxruntime-node has CUDA for linux/x64 only; this is ${platform}`;
  const entry = createRequire(import.meta.url).resolve('onnxruntime-node');
  const library = join(dirname(entry), '..', 'bin', 'napi-v6', platform, 'libonnxruntime_providers_cuda.so');
  return existsSync(library) ? null : `its library is not installed (${library})`;
}

function advice(device: Device): string {
  const docs = 'See docs/devices.md; the device cpu works everywhere.';
  if (device === 'cuda') {
    return (
      'CUDA needs an NVIDIA driver, CUDA 12, cuDNN 9 and the libraries that onnxruntime-node downloads: ' +
      `delete onnxruntime-node-install=skip from .npmrc and run "npm rebuild onnxruntime-node". ${docs}`
    );
  }
  if (device === 'webgpu') {
    return `WebGPU needs a graphics driver: Vulkan (libvulkan.so.1) on Linux, D3D12 on Windows, Metal on macOS. ${docs}`;
  }
  return 'The package onnxruntime-node may be damaged: run "npm ci" again.';
}

/** The runtime's message without its source position: `file.cc:136 function(…) condition was false. MESSAGE`. */
export function briefly(error: unknown): string {
  const line = (error as Error).message.split('\n')[0]!;
  return line.startsWith('/') ? line.replace(/^.* was false\. /, '') : line;
}
