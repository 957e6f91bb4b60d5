/**
 * The devices of a page: onnxruntime-web on WebAssembly, which is the device `cpu`, and on WebGPU. Each has a build of
 * its own, which is loaded when it is needed.
 */
import type { Platform } from '../choose.js';
import type { Device } from '../engine.js';
import type { StartSettings } from '../messages.js';
import type { Runtime } from '../runtime.js';

/** How graphs are built for WebAssembly. */
export const CPU_TARGET = 'wasm';

type OnnxRuntime = typeof import('onnxruntime-web');
type Build = { readonly load: () => Promise<OnnxRuntime>; readonly provider: 'wasm' | 'webgpu' };

const builds: Readonly<Partial<Record<Device, Build>>> = {
  cpu: { load: () => import('onnxruntime-web/wasm'), provider: 'wasm' },
  webgpu: { load: () => import('onnxruntime-web/webgpu'), provider: 'webgpu' },
};

export function webPlatform(settings: StartSettings): Platform {
  return {
    preferred: ['webgpu'],
    targetOf: (device) => (device === 'cpu' ? CPU_TARGET : 'gpu'),
    missing: async (device) => {
      if (!builds[device]) return 'a page computes on cpu (WebAssembly) or webgpu';
      return device === 'webgpu' ? missingAdapter() : null;
    },
    advice: (device) =>
      device === 'webgpu'
        ? 'WebGPU needs a graphics card and a browser that lets pages use it; the device cpu works everywhere.'
        : `The files of onnxruntime-web must lie at ${settings.assets}.`,
    runtime: (device) => webRuntime(device, settings),
  };
}

export async function webRuntime(device: Device, { threads, assets }: StartSettings): Promise<Runtime> {
  const { load, provider } = builds[device]!;
  const ort = await load();
  ort.env.wasm.numThreads = threads;
  if (assets) ort.env.wasm.wasmPaths = assets;
  return {
    device,
    Tensor: ort.Tensor,
    // A result is copied out of WebAssembly's memory; a tensor that was passed for it stays as it was.
    writesInPlace: false,
    zeros: (count) => new Float32Array(count),
    createSession: (model, { optimise, outputs }) =>
      ort.InferenceSession.create(model, {
        executionProviders: [provider],
        enableMemPattern: false,
        logSeverityLevel: 3,
        graphOptimizationLevel: optimise ? 'all' : 'disabled',
        ...(outputs ? { preferredOutputLocation: outputs } : {}),
      }),
  };
}

interface Gpu {
  requestAdapter(): Promise<object | null>;
}

async function missingAdapter(): Promise<string | null> {
  const { gpu } = navigator as { readonly gpu?: Gpu };
  if (!gpu) return 'this browser has no WebGPU, or not for this page (it must come from https or from this computer)';
  return (await gpu.requestAdapter()) ? null : 'the browser offers no graphics adapter';
}
