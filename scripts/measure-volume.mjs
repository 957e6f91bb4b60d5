// Makes a CT-like volume of 512 × 512 × 300 voxels of 16 bits, packed with gzip, and reads it in a process of its own.
// Reports the time and the peak memory, beside the size of the decoded volume.
// node scripts/measure-volume.mjs [FILE]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeVolume } from '../dist/image/formats/nifti/write.js';
import { readVolume } from '../dist/image/read-volume.js';

const MIB = 2 ** 20;
const SHAPE = [300, 512, 512];

if (process.argv[2] === '--read') {
  const before = process.resourceUsage().maxRSS / 1024;
  const start = performance.now();
  const { data, shape } = await readVolume(process.argv[3]);
  const seconds = (performance.now() - start) / 1000;
  const decoded = data.byteLength / MIB;
  const peak = process.resourceUsage().maxRSS / 1024;
  const ratio = (peak / decoded).toFixed(2);
  console.log(`read ${shape.join(' × ')} ${data.constructor.name} in ${seconds.toFixed(2)} s`);
  console.log(
    `decoded ${decoded.toFixed(0)} MiB; peak ${peak.toFixed(0)} MiB = ${ratio} × decoded (Node alone: ${before.toFixed(0)} MiB)`,
  );
} else if (process.argv[2] === '--make') {
  makeVolume(process.argv[3]);
} else {
  // A process takes over the peak of the one that starts it: this one stays small.
  const run = (...parameters) =>
    spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...parameters], { stdio: 'inherit' });
  const folder = mkdtempSync(join(tmpdir(), 'cover-measure-'));
  const file = process.argv[2] ?? join(folder, 'ct.nii.gz');
  if (!process.argv[2]) {
    run('--make', file);
    console.log(`made ${(statSync(file).size / MIB).toFixed(0)} MiB of gzip`);
  }
  for (let count = 0; count < 3; count++) run('--read', file);
  rmSync(folder, { recursive: true });
}

/** An ellipse of tissue with noise, in air. */
function makeVolume(path) {
  const [depth, height, width] = SHAPE;
  const data = new Int16Array(depth * height * width);
  let state = 1;
  for (let z = 0, index = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++, index++) {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        const inside = ((x - 256) / 200) ** 2 + ((y - 256) / 150) ** 2 < 1;
        data[index] = inside ? 40 + 30 * Math.sin((x + z) / 20) + (state >> 27) : -1024;
      }
    }
  }
  const affine = [-0.7, 0, 0, 180, 0, -0.7, 0, 180, 0, 0, 1, -150, 0, 0, 0, 1];
  writeVolume(path, { shape: SHAPE, affine, data, slope: 1, intercept: 0 });
}
