// Damages real DICOM files in many ways and reads them: node scripts/dicom-fuzz.mjs FOLDER [COUNT] [SEED]
// Each case must end in an InputError or in a result of the right size, within seconds and without a large allocation.
// The cases run in a child process, so that a crash or a hang is found and named instead of ending the run.
import { fork } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [folder, count = '2000', seed = '1', child = ''] = process.argv.slice(2);
// Milliseconds by the clock before a case counts as a hang, milliseconds of processor time, and bytes.
const PATIENCE = 120_000;
const SLOW = 5_000;
const MEMORY = 2 ** 30;

if (child) await runCases(Number(child));
else await supervise();

async function supervise() {
  const totals = { read: 0, refused: 0 };
  const failures = [];
  let peak = 0;
  let next = 0;
  while (next < Number(count)) {
    let current = next;
    const worker = fork(fileURLToPath(import.meta.url), [folder, count, seed, String(next + 1)]);
    await new Promise((resolve) => {
      const give = () => {
        failures.push(`case ${current}: no answer within ${PATIENCE / 1000} s`);
        worker.kill('SIGKILL');
      };
      let timer = setTimeout(give, PATIENCE);
      worker.on('message', ({ begin, end, failure, rss }) => {
        clearTimeout(timer);
        timer = setTimeout(give, PATIENCE);
        if (begin !== undefined) current = begin;
        if (end) totals[end]++;
        if (failure) failures.push(failure);
        if (rss) peak = Math.max(peak, rss);
        next = current + 1;
      });
      worker.on('exit', (code, signal) => {
        clearTimeout(timer);
        if (code !== 0 && signal !== 'SIGKILL')
          failures.push(`case ${current}: the process ended with ${code ?? signal}`);
        resolve();
      });
    });
  }
  console.log(
    `${count} cases, seed ${seed}: ${totals.read} read, ${totals.refused} refused, ${failures.length} failures`,
  );
  console.log(`peak memory ${Math.round(peak / 2 ** 20)} MiB`);
  for (const failure of failures.slice(0, 20)) console.log(failure);
  process.exit(failures.length ? 1 : 0);
}

async function runCases(first) {
  const { readDicomImage, listDicomSeries, readDicomSeries } = await import('../dist/image/formats/dicom/index.js');
  const { InputError } = await import('../dist/core/errors.js');
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.dcm'))
    .sort();
  const path = join(tmpdir(), `cover-fuzz-${process.pid}.dcm`);
  for (let index = first - 1; index < Number(count); index++) {
    process.send({ begin: index });
    const random = stream(Number(seed) * 1_000_003 + index);
    const name = files[Math.floor(random() * files.length)];
    const bytes = mutate(Buffer.from(readFileSync(join(folder, name))), random);
    writeFileSync(path, bytes);
    const started = process.cpuUsage();
    let failure;
    let end = 'read';
    try {
      if (random() < 0.6) {
        const image = await readDicomImage(path);
        if (image.data.length !== image.channels * image.shape[0] * image.shape[1])
          failure = 'a result of the wrong size';
      } else {
        const { series } = await listDicomSeries(path);
        if (series.length === 0) end = 'refused';
        for (const one of series.slice(0, 2)) {
          const volume = await readDicomSeries(one);
          if (volume.data.length !== volume.shape.reduce((a, b) => a * b)) failure = 'a volume of the wrong size';
        }
      }
    } catch (error) {
      end = 'refused';
      if (!(error instanceof InputError)) failure = error.stack?.split('\n').slice(0, 4).join(' ') ?? String(error);
    }
    const { user, system } = process.cpuUsage(started);
    const took = (user + system) / 1000;
    const { rss } = process.memoryUsage();
    if (took > SLOW) failure ??= `${Math.round(took)} ms`;
    if (rss > MEMORY) failure ??= `${Math.round(rss / 2 ** 20)} MiB`;
    process.send({ end, rss, ...(failure ? { failure: `case ${index} (${name}): ${failure}` } : {}) });
  }
  rmSync(path, { force: true });
  process.disconnect();
}

function mutate(bytes, random) {
  const at = (from = 0, to = bytes.length) =>
    Math.min(bytes.length - 1, from + Math.floor(random() * Math.max(1, to - from)));
  const kind = Math.floor(random() * 7);
  if (kind === 0) return bytes.subarray(0, at());
  if (kind === 1)
    for (let left = 1 + Math.floor(random() * 8); left > 0; left--) bytes[at()] ^= 1 << Math.floor(random() * 8);
  if (kind === 2)
    for (let left = 1 + Math.floor(random() * 20); left > 0; left--) bytes[at(128, 2500)] = Math.floor(random() * 256);
  if (kind === 3) {
    // A lie about a length: behind a known VR.
    const places = [
      ...bytes
        .subarray(0, 6000)
        .toString('latin1')
        .matchAll(/[A-Z]{2}/g),
    ].map(({ index }) => index + 2);
    const place = places[Math.floor(random() * places.length)] ?? 200;
    const lie = [0, 1, 0xffff, 0xfffffffe, 0xffffffff, 0x7fffffff, Math.floor(random() * 2 ** 32)][
      Math.floor(random() * 7)
    ];
    if (place + 8 < bytes.length)
      random() < 0.5 ? bytes.writeUInt16LE(lie & 0xffff, place) : bytes.writeUInt32LE(lie >>> 0, place + 2);
  }
  if (kind === 4) {
    const start = at();
    bytes.fill(random() < 0.5 ? 0 : 0xff, start, Math.min(bytes.length, start + 1 + Math.floor(random() * 64)));
  }
  if (kind === 5) {
    // Rows, Columns, NumberOfFrames, bits: the numbers that decide how much is allocated.
    const tags = [
      [0x28, 0x10],
      [0x28, 0x11],
      [0x28, 0x100],
      [0x28, 0x101],
      [0x28, 0x2],
      [0x28, 0x8],
    ];
    const [group, element] = tags[Math.floor(random() * tags.length)];
    const tag = Buffer.from([group & 255, group >> 8, element & 255, element >> 8]);
    const place = bytes.indexOf(tag);
    if (place > 0 && place + 12 < bytes.length) bytes.writeUInt16LE(Math.floor(random() * 65536), place + 8);
    if (place > 0 && element === 8) bytes.write('9999999999', place + 8, 'latin1');
  }
  if (kind === 6) {
    // The head of the coded pixels: extents, tables, tiles.
    const place = Math.max(
      bytes.indexOf(Buffer.from([0xff, 0x4f, 0xff])),
      bytes.indexOf(Buffer.from([0xff, 0xd8, 0xff])),
    );
    const from = place > 0 ? place : Math.floor(bytes.length / 2);
    for (let left = 1 + Math.floor(random() * 4); left > 0; left--)
      bytes[at(from, from + 160)] = Math.floor(random() * 256);
  }
  return bytes;
}

/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
function stream(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
