/** What a device needs to start, and how it is asked for. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chooseDevice, type Platform } from '../choose.js';
import { missingCudaLibrary, whyCudaDoesNotLoad } from './cuda.js';
import { nodePlatform, webgpuProvider } from './device.js';

const folder = mkdtempSync(join(tmpdir(), 'cover-cuda-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a library that does not load is named with what the loader says of it', async () => {
  const path = join(folder, 'libbroken.so');
  writeFileSync(path, 'not a library, whatever its name is, and no short text either');
  assert.match((await whyCudaDoesNotLoad([path]))!, /libbroken\.so: (invalid ELF header|file too short)/);
  assert.match((await whyCudaDoesNotLoad([join(folder, 'libabsent.so')]))!, /libabsent\.so/);
  assert.equal(await whyCudaDoesNotLoad([]), null);
});

test('without its libraries cuda is refused with the way to get them', async () => {
  if (missingCudaLibrary() === null) return;
  await assert.rejects(chooseDevice('cuda', nodePlatform(1)), (error: Error) => {
    assert.match(
      error.message,
      /^the device "cuda" does not work here: (its library is not installed|.*linux\/x64 only)/,
    );
    assert.match(error.message, /ONNXRUNTIME_NODE_INSTALL=cuda12 node .*script\/install/);
    return true;
  });
});

test('what the runtime does not tell of a device is told by the platform', async () => {
  const platform: Platform = {
    preferred: ['cuda'],
    targetOf: () => 'cpu',
    missing: () => null,
    cause: async () => 'libcudnn.so.9: cannot open shared object file',
    advice: () => 'Install it.',
    runtime: () => Promise.reject(new Error('Failed to load shared library')),
  };
  await assert.rejects(chooseDevice('cuda', platform), {
    message: 'the device "cuda" does not work here: libcudnn.so.9: cannot open shared object file\n  Install it.',
  });
});

test('WebGPU keeps buffers by their exact size where a tensor is larger than what the runtime keeps', () => {
  assert.deepEqual(webgpuProvider(), { name: 'webgpu', storageBufferCacheMode: 'simple' });
  assert.deepEqual(webgpuProvider(2e8), { name: 'webgpu', storageBufferCacheMode: 'simple' });
  assert.deepEqual(webgpuProvider(1e8), { name: 'webgpu' });
});
