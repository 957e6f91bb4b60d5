/**
 * Where the runtime runs the nodes of a model on a device, and what crosses between device and CPU within a run: told
 * by its own record of one.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Tensor } from '../../core/tensor.js';
import type { Device } from '../engine.js';
import { nodeRuntime } from './device.js';

export interface Crossing {
  readonly tensors: number;
  readonly bytes: number;
}

export interface Placement {
  /** By the name of the provider, such as `WebGpu` and `CPU`, how many nodes of each operator it runs. */
  readonly nodes: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly toCpu: Crossing;
  readonly toDevice: Crossing;
}

/** An event of the runtime's record. */
export interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Its begin and how long it took, in µs. */
  readonly ts: number;
  readonly dur: number;
  readonly args: Readonly<Record<string, string>>;
}

/**
 * Runs a model once.
 * @param resident outputs that stay on the device
 */
export async function placementOf(
  device: Device,
  model: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  resident: readonly string[],
): Promise<Placement> {
  return placementIn(await recordOf(device, model, feeds, resident));
}

/** Runs a model once. @returns the runtime's own record of it @param resident outputs that stay on the device */
export async function recordOf(
  device: Device,
  model: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  resident: readonly string[] = [],
): Promise<ProfileEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), 'cover-profile-'));
  try {
    const runtime = nodeRuntime(device, 0);
    const session = await runtime.createSession(model, {
      optimise: true,
      profile: join(folder, 'run'),
      ...(device === 'webgpu' && { outputs: Object.fromEntries(resident.map((name) => [name, 'gpu-buffer'])) }),
    });
    const given = Object.entries(feeds).map(([name, { data, shape }]) => {
      return [name, new runtime.Tensor('float32', data, shape)] as const;
    });
    const outputs = await session.run(Object.fromEntries(given));
    for (const output of Object.values(outputs)) if (output.location === 'gpu-buffer') output.dispose();
    session.endProfiling();
    await session.release();
    const [file] = readdirSync(folder);
    return JSON.parse(readFileSync(join(folder, file!), 'utf8')) as ProfileEvent[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param events of one run */
export function placementIn(events: readonly ProfileEvent[]): Placement {
  const nodes: Record<string, Record<string, number>> = {};
  const crossing = { MemcpyToHost: { tensors: 0, bytes: 0 }, MemcpyFromHost: { tensors: 0, bytes: 0 } };
  for (const { cat, name, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const { op_name: op = '', provider = '', output_size: bytes } = args;
    if (op in crossing) {
      const way = crossing[op as keyof typeof crossing];
      way.tensors++;
      way.bytes += Number(bytes);
      continue;
    }
    const place = provider.replace('ExecutionProvider', '');
    nodes[place] ??= {};
    nodes[place][op] = (nodes[place][op] ?? 0) + 1;
  }
  return { nodes, toCpu: crossing.MemcpyToHost, toDevice: crossing.MemcpyFromHost };
}
