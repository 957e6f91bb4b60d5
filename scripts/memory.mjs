// Prints the memory that short runs take beside the estimate, as a table. Linux only: the peak is read from /proc.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writePhantoms } from '../dist/phantom/index.js';

const cases = [
  ['128x128', 1, 1],
  ['128x128', 4, 4],
  ['128x128', 4, 1],
  ['256x256', 1, 1],
  ['384x384', 1, 1],
  ['32x32x32', 1, 1],
  ['32x32x32', 4, 4],
  ['48x48x48', 1, 1],
  ['48x64x48', 2, 1],
];
const only = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'cover-memory-'));
try {
  await writePhantoms(join(folder, '2'), 8, { size: [96, 96], seed: 1 });
  await writePhantoms(join(folder, '3'), 8, { size: [48, 48, 48], seed: 1 });
  console.log('| crop | batch | micro | estimate, GB | measured, GB | ratio |\n| --- | --- | --- | --- | --- | --- |');
  for (const [crop, batch, micro] of cases) {
    if (only.length > 0 && !only.includes(`${crop}:${batch}:${micro}`)) continue;
    const { estimate, peak } = await measure(crop, batch, micro);
    const row = [crop, batch, micro, estimate.toFixed(2), peak.toFixed(2), (estimate / peak).toFixed(2)];
    console.log(`| ${row.join(' | ')} |`);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A run of two steps; both numbers in 10⁹ bytes. */
function measure(crop, batch, micro) {
  const run = join(folder, `run-${crop}-${batch}-${micro}`);
  const settings = [
    `views.crop=[${crop.split('x')}]`,
    `batch.size=${batch}`,
    `batch.micro=${micro}`,
    'schedule.steps=2',
    'data.validationImages=4',
    `data.cache=${join(folder, 'cache')}`,
  ].flatMap((setting) => ['--set', setting]);
  const args = [
    'dist/program/cover.js',
    'pretrain',
    join(folder, String(crop.split('x').length)),
    '-o',
    run,
    '--ignore-memory',
    ...settings,
  ];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let peak = 0;
    let text = '';
    child.stdout.on('data', (part) => {
      text += part;
    });
    const timer = setInterval(() => {
      try {
        const kilobytes = readFileSync(`/proc/${child.pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/);
        if (kilobytes) peak = Math.max(peak, (Number(kilobytes[1]) * 1024) / 1e9);
      } catch {
        // The process has just ended.
      }
    }, 50);
    child.on('exit', (code) => {
      clearInterval(timer);
      const estimate = text.match(/about ([\d.]+) GB needed/);
      if (code !== 0 || !estimate) reject(new Error(`the run ended with code ${code}\n${text}`));
      else resolve({ estimate: Number(estimate[1]), peak });
    });
  });
}
