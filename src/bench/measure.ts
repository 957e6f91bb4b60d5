/**
 * One measurement in a process of its own, so that its peak of memory is its own: `measure.js '<case as JSON>'`, and
 * for what reads files the folder that has them.
 */
import { keepMemory } from '../system/kept-memory.js';
import type { BenchCase } from './cases.js';
import { classifyRunner } from './runners/classify.js';
import { embedRunner } from './runners/embed.js';
import { finetuneRunner } from './runners/finetune.js';
import { segmentRunner } from './runners/segment.js';
import { stepRunner } from './runners/step.js';

export interface Measurement {
  /** The median of the counted runs, in milliseconds. */
  readonly step: number;
  readonly best_step: number;
  /** The peak of the process's resident memory. */
  readonly peak_rss_mib: number;
}

const runners = {
  step: stepRunner,
  embed: embedRunner,
  finetune: finetuneRunner,
  segment: segmentRunner,
  classify: classifyRunner,
};

keepMemory();
const wanted = JSON.parse(process.argv[2]!) as BenchCase;
const run = await runners[wanted.kind](wanted, process.argv[3] ?? '');
const times: number[] = [];
for (let index = 0; index < wanted.runs + wanted.warmups; index++) {
  const start = performance.now();
  await run();
  times.push(performance.now() - start);
}
const counted = times.slice(wanted.warmups).sort((a, b) => a - b);
const measurement: Measurement = {
  step: counted[counted.length >> 1]!,
  best_step: counted[0]!,
  peak_rss_mib: Math.round(process.resourceUsage().maxRSS / 1024),
};
console.log(JSON.stringify(measurement));
process.exit(0);
