// Time and memory of reading a CT series: node scripts/dicom-speed.mjs [SLICES]
// [native|rle|jpeg-lossless|jpeg-ls|jpeg-2000] Writes SLICES files of 512 × 512 values of 16 bits to a temporary
// folder, reads them in a fresh process and prints the time, the peak memory of that process and the same of an empty
// one that has loaded the reader.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SIDE = 512;
const [slices = '300', coding = 'native', folder] = process.argv.slice(2);

if (coding === 'read' || coding === 'load') await measure();
else {
  const temporary = mkdtempSync(join(tmpdir(), 'cover-speed-'));
  try {
    await write(temporary);
    const run = (what) =>
      spawnSync(process.execPath, [fileURLToPath(import.meta.url), slices, what, temporary], { encoding: 'utf8' });
    const base = JSON.parse(run('load').stdout);
    const output = run('read');
    if (output.status !== 0) throw new Error(output.stderr);
    const found = JSON.parse(output.stdout);
    const size = (Number(slices) * SIDE * SIDE * 2) / 2 ** 20;
    console.log(`${slices} × ${SIDE} × ${SIDE}, 16 bits, ${coding}: volume ${size.toFixed(0)} MiB`);
    console.log(
      `list ${found.list.toFixed(2)} s, read ${found.read.toFixed(2)} s (processor ${found.cpu.toFixed(2)} s)`,
    );
    console.log(
      `peak memory ${found.peak.toFixed(0)} MiB, of an idle process ${base.peak.toFixed(0)} MiB: ${((found.peak - base.peak) / size).toFixed(2)} volumes`,
    );
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

async function measure() {
  const { listDicomSeries, readDicomSeries } = await import('../dist/image/formats/dicom/index.js');
  const result = { list: 0, read: 0, cpu: 0 };
  if (coding === 'read') {
    const before = performance.now();
    const { series } = await listDicomSeries(folder);
    const listed = performance.now();
    const volume = await readDicomSeries(series[0]);
    if (volume.shape[0] !== Number(slices)) throw new Error(`found ${volume.shape}`);
    result.list = (listed - before) / 1000;
    result.read = (performance.now() - listed) / 1000;
    result.cpu = process.cpuUsage().user / 1e6;
  }
  console.log(JSON.stringify({ ...result, peak: process.resourceUsage().maxRSS / 1024 }));
}

async function write(target) {
  const { writeDicom } = await import('../dist/image/formats/dicom/fixtures/writer.js');
  const { imageElements, placeElements } = await import('../dist/image/formats/dicom/fixtures/images.js');
  const { encodeLossless, encodeRle } = await import('../dist/image/formats/dicom/fixtures/codes.js');
  const { encodeWasm } = await import('../dist/image/formats/dicom/fixtures/wasm-codes.js');
  const values = new Uint16Array(SIDE * SIDE);
  for (let at = 0; at < values.length; at++) {
    const [y, x] = [Math.floor(at / SIDE) - 256, (at % SIDE) - 256];
    values[at] = Math.hypot(x, y) < 200 ? 1024 + 200 * Math.sin(x / 20) * Math.cos(y / 30) + ((at * 7919) % 23) : 0;
  }
  const extent = { rows: SIDE, columns: SIDE };
  const bytes = Uint8Array.from(Buffer.from(values.buffer));
  const codes = {
    native: () => undefined,
    rle: () => encodeRle([Uint8Array.from(values, (value) => value >> 8), Uint8Array.from(values)]),
    'jpeg-lossless': () => encodeLossless(values, { ...extent, precision: 16, predictor: 1 }),
    'jpeg-ls': () => encodeWasm('jpeg-ls', values, { ...extent, bits: 16 }),
    'jpeg-2000': () => encodeWasm('jpeg-2000', values, { ...extent, bits: 16 }),
  };
  const syntaxes = {
    native: '1.2.840.10008.1.2.1',
    rle: '1.2.840.10008.1.2.5',
    'jpeg-lossless': '1.2.840.10008.1.2.4.70',
    'jpeg-ls': '1.2.840.10008.1.2.4.80',
    'jpeg-2000': '1.2.840.10008.1.2.4.90',
  };
  const code = await codes[coding]();
  for (let z = 0; z < Number(slices); z++) {
    const more = { ...placeElements({ position: [0, 0, z], instance: z + 1 }), '00080060': ['CS', 'CT'] };
    const pixels = code ? { fragments: [code] } : bytes;
    const file = writeDicom(imageElements({ ...extent, pixels, more }), { syntax: syntaxes[coding] });
    writeFileSync(join(target, `${String(z).padStart(4, '0')}.dcm`), file);
  }
}
