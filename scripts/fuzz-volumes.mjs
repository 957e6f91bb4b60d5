// Damages real volume files in thousands of ways and reads them. Every reading must end soon in an InputError or in a
// volume of the right size, must ask for no more memory than the file can justify, and must make up no voxel.
// node scripts/fuzz-volumes.mjs [--folder FOLDER] [--rounds N] [--seed S] [--only FORMAT]
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { InputError } from '../dist/core/errors.js';
import { randomStream } from '../dist/core/random.js';
import { mutate } from '../dist/image/mutate.js';
import { readVolume } from '../dist/image/read-volume.js';

const { values: options } = parseArgs({
  options: {
    folder: { type: 'string', default: '../shared/data/formats' },
    rounds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});

/** A reading that takes longer than this is a failure, in seconds of processor time. */
const SLOW = 20;
/** Deflate makes at most 1032 bytes of one; a header and the pieces on the way take a little more. */
const bound = (bytes) => 1032 * bytes + 2 ** 24;

// Every large array of the readers is asked for through these constructors.
let largest = 0;
for (const name of ['ArrayBuffer', 'Uint8Array', 'Float32Array', 'Float64Array', 'Int32Array', 'Uint32Array']) {
  const original = globalThis[name];
  globalThis[name] = new Proxy(original, {
    construct(target, parameters, newTarget) {
      const [first] = parameters;
      if (typeof first === 'number') largest = Math.max(largest, first * (target.BYTES_PER_ELEMENT ?? 1));
      return Reflect.construct(target, parameters, newTarget === globalThis[name] ? target : newTarget);
    },
  });
}

const files = ['nifti', 'nrrd', 'metaimage', 'mgh']
  .filter((format) => format.startsWith(options.only))
  .flatMap((format) => readdirSync(join(options.folder, format)).map((name) => join(options.folder, format, name)));
const work = mkdtempSync(join(tmpdir(), 'cover-fuzz-'));
const counts = { mutations: 0, refused: 0, read: 0 };
const kinds = {};
const failures = [];
let slowest = 0;

for (const file of files) {
  const bytes = readFileSync(file);
  const folder = join(work, basename(dirname(file)));
  mkdirSync(folder, { recursive: true });
  // The other half of a pair lies beside the damaged one.
  for (const name of readdirSync(dirname(file))) {
    if (stem(name) === stem(basename(file))) {
      copyFileSync(join(dirname(file), name), join(folder, name));
    }
  }
  const random = randomStream('fuzz', options.seed, basename(file));
  for (let round = 0; round < Number(options.rounds); round++) {
    const damaged = mutate(bytes, random);
    const path = join(folder, basename(file));
    rmSync(path, { force: true });
    writeFileSync(path, damaged.bytes);
    await check(path, damaged, bytes.length);
  }
  rmSync(folder, { recursive: true });
}
rmSync(work, { recursive: true });

const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(
  `${counts.mutations} damaged files: ${counts.refused} refused, ${counts.read} read, ${failures.length} failures`,
);
console.log(`kinds of damage: ${JSON.stringify(kinds)}`);
console.log(`slowest reading ${slowest.toFixed(2)} s, peak memory of the process ${megabytes} MiB`);
for (const failure of failures.slice(0, 20)) console.log(`FAILURE ${failure}`);
process.exit(failures.length ? 1 : 0);

async function check(path, { name, bytes }, length) {
  counts.mutations++;
  kinds[name.split(' ')[0]] = (kinds[name.split(' ')[0]] ?? 0) + 1;
  largest = 0;
  const start = process.cpuUsage();
  const label = `${basename(path)}, ${name}`;
  for (const frame of [undefined, 0]) {
    try {
      const { shape, data, affine, slope, intercept } = await readVolume(path, frame === undefined ? {} : { frame });
      counts.read++;
      if (data.length !== shape[0] * shape[1] * shape[2]) failures.push(`${label}: ${data.length} values for ${shape}`);
      if (![...affine, slope, intercept].every(Number.isFinite)) failures.push(`${label}: affine ${affine}`);
      if (mustBeRefused(path, name, bytes.length, length)) {
        failures.push(`${label}: ${data.length} values from ${bytes.length} of ${length} bytes`);
      }
    } catch (error) {
      if (error instanceof InputError) counts.refused++;
      else failures.push(`${label}: ${error.stack}`);
    }
  }
  const { user, system } = process.cpuUsage(start);
  const seconds = (user + system) / 1e6;
  slowest = Math.max(slowest, seconds);
  if (seconds > SLOW) failures.push(`${label}: ${seconds} s`);
  const total = readdirSync(dirname(path)).reduce((sum, other) => sum + statSync(join(dirname(path), other)).size, 0);
  if (largest > bound(total)) failures.push(`${label}: an array of ${largest} bytes for ${total} bytes of files`);
}

/** A file that lacks more than a line break at its end lacks voxels, or the checksum behind them. */
function mustBeRefused(path, name, left, length) {
  if (name === 'truncate') return left < length - 16 && /\.(nii|nrrd|mha|gz|mgz)$/.test(path);
  return name === 'truncate inside' && path.endsWith('.nii.gz');
}

function stem(name) {
  return name.replace(/(_byteskip_minus_one)?\.(hdr|img|mhd|nhdr|raw)(\.gz)?$/, '');
}
