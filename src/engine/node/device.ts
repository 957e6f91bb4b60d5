/**
 * The devices of onnxruntime-node: how its sessions are made, which libraries they need, how graphs are built for them.
 */
import { createRequire } from 'node:module';
import { untouchedZeros } from '../../system/untouched-zeros.js';
import type { Platform } from '../choose.js';
import type { Device } from '../engine.js';
import type { Runtime } from '../runtime.js';
import { missingCudaLibrary, whyCudaDoesNotLoad } from './cuda.js';
import { ownOperators, ownOperatorsWork } from './native/available.js';
import { nativeRuntime, openLibrary } from './native/runtime.js';
import { targetOf } from './target.js';

const require = createRequire(import.meta.url);

/**
 * How long a thread that has nothing to do looks for work before it sleeps, in µs: most gaps within a step are shorter,
 * and to wake a thread costs some 5 % of a step. Longer would take the cores from the loader's workers.
 */
const SPIN = '200';

const spinning = {
  'session.force_spinning_stop': '1',
  'session.intra_op.allow_spinning': '1',
  'session.intra_op.spin_duration_us': SPIN,
};

/** Bytes above which the runtime by default makes a buffer anew each time, which takes longer than to fill it. */
const LARGEST_KEPT = 168e6;

/**
 * A step has buffers of the same sizes as the one before: kept by their exact size, all of them are there already,
 * however large. Where none is, the runtime's own classes of size fit more tensors with fewer buffers. All sessions
 * of a process share their buffers, and the first one says how they are kept.
 */
export function webgpuProvider(largest = Number.POSITIVE_INFINITY) {
  return { name: 'webgpu', ...(largest > LARGEST_KEPT ? { storageBufferCacheMode: 'simple' } : {}) } as const;
}

/** @param threads within an operator @param largest bytes of about the largest tensor, where it is known */
export function nodePlatform(threads: number, largest?: number): Platform {
  return {
    preferred: ['cuda', 'webgpu'],
    targetOf,
    missing: (device) => (device === 'cuda' ? missingCudaLibrary() : null),
    cause: async (device) => (device === 'cuda' ? whyCudaDoesNotLoad() : null),
    advice,
    runtime: (device) => nodeRuntime(device, threads, largest),
  };
}

export function nodeRuntime(device: Device, threads: number, largest?: number): Runtime {
  // It is loaded when the first session is made, which operators of ours do without.
  const createSession: Runtime['createSession'] = async (model, { optimise, outputs, profile }) => {
    const { InferenceSession } = require('onnxruntime-node') as typeof import('onnxruntime-node');
    return InferenceSession.create(model, {
      executionProviders: device === 'cpu' ? ['cpu'] : [device === 'webgpu' ? webgpuProvider(largest) : device, 'cpu'],
      intraOpNumThreads: threads,
      enableMemPattern: false,
      extra: spinning,
      logSeverityLevel: 3,
      graphOptimizationLevel: optimise ? 'all' : 'disabled',
      ...(outputs ? { preferredOutputLocation: outputs } : {}),
      ...(profile ? { enableProfiling: true, profileFilePrefix: profile } : {}),
    });
  };
  // The very class that onnxruntime-node takes.
  const { Tensor } = require('onnxruntime-common') as typeof import('onnxruntime-common');
  const usual: Runtime = { device, Tensor, writesInPlace: device !== 'webgpu', zeros: untouchedZeros, createSession };
  const own = device === 'cpu' ? ownOperators() : null;
  return own && 'vectors' in own ? nativeRuntime(own.vectors, threads, spinning, usual) : usual;
}

/** Loads the library of the CPU's sessions before they are asked for; what goes wrong is told when they are. */
export function loadAhead(): void {
  try {
    if (ownOperatorsWork()) openLibrary();
  } catch {}
}

function advice(device: Device): string {
  const docs = 'See docs/devices.md; the device cpu works everywhere.';
  if (device === 'cuda') {
    return (
      'CUDA needs an NVIDIA driver, CUDA 12, cuDNN 9 and the libraries that onnxruntime-node downloads: ' +
      `run "ONNXRUNTIME_NODE_INSTALL=cuda12 node node_modules/onnxruntime-node/script/install". ${docs}`
    );
  }
  if (device === 'webgpu') {
    return `WebGPU needs a graphics driver: Vulkan (libvulkan.so.1) on Linux, D3D12 on Windows, Metal on macOS. ${docs}`;
  }
  return 'The package onnxruntime-node may be damaged: run "npm ci" again.';
}
