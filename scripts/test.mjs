// Runs every compiled test file with Node's own test runner, in as many processes as there are cores.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import './prune.mjs';

const files = readdirSync('dist', { recursive: true })
  .map((file) => `dist/${file}`)
  .filter((file) => file.endsWith('.test.js'))
  .sort();
const wanted = process.argv.slice(2);
const chosen = wanted.length ? files.filter((file) => wanted.some((part) => file.includes(part))) : files;
if (chosen.length === 0) {
  console.error(`no test file matches ${wanted.join(', ') || 'dist/**/*.test.js'}`);
  process.exit(1);
}
const [major, minor] = process.versions.node.split('.').map(Number);
// Node itself leaves one core idle, which is half of two.
const cores = major > 20 || minor >= 10 ? [`--test-concurrency=${availableParallelism()}`] : [];
const result = spawnSync(process.execPath, ['--test', ...cores, ...chosen], { stdio: 'inherit' });
process.exit(result.status ?? 1);
