/** `cover slurm`: the script with which Slurm runs a benchmark as a job array. */
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { checkRequest, readResult } from '../benchmark/cell.js';
import { loadPlan } from '../benchmark/plan.js';
import { slurmScript } from '../cluster/slurm.js';
import { ensureFolder, writeFileAtomic } from '../system/files.js';
import { count } from './options.js';

interface Options {
  readonly out: string;
  readonly write?: string;
  readonly jobs?: number;
  readonly throttle?: number;
  readonly name?: string;
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly time?: string;
  readonly memory?: string;
  readonly cpus?: number;
  readonly setup: string[];
}

const help = `
Examples:
  cover slurm plan.yaml -o runs/benchmark --partition short --time 02:00:00 --throttle 20
  sbatch runs/benchmark/benchmark.sbatch
  cover benchmark plan.yaml -o runs/benchmark --cells      how far they are`;

export function addSlurm(program: Command): void {
  program
    .command('slurm')
    .description('write the sbatch script that runs a benchmark as a job array')
    .argument('<plan>', 'a YAML plan')
    .requiredOption('-o, --out <folder>', 'the folder of the benchmark, which all nodes see')
    .option('-w, --write <file>', 'the script (default: benchmark.sbatch in the folder)')
    .option('--jobs <count>', 'share all cells among so many jobs (default: a job for each unfinished cell)', count)
    .option('--throttle <count>', 'run at most so many jobs at once', count)
    .option('--name <name>', 'of the job (default: cover)')
    .option('--partition <name>', 'the partition')
    .option('--account <name>', 'the account')
    .option('--qos <name>', 'the quality of service')
    .option('--time <limit>', 'of a job; one that needs longer goes on in another (default: 04:00:00)')
    .option('--memory <size>', 'of a job (default: 8G)')
    .option('--cpus <count>', 'cores of a job (default: 4)', count)
    .option(
      '--setup <line>',
      'a line of shell before the command, repeatable, such as "module load node"',
      (value: string, all: string[]) => [...all, value],
      [],
    )
    .addHelpText('after', help)
    .action((path: string, { out, write = join(out, 'benchmark.sbatch'), ...options }: Options) => {
      const plan = loadPlan(path);
      for (const cell of plan.cells) checkRequest(out, cell);
      const cells = plan.cells.flatMap((cell, index) => (readResult(out, cell) ? [] : [index + 1]));
      const logs = resolve(out, 'slurm');
      const command = [
        process.execPath,
        realpathSync(process.argv[1]!),
        'benchmark',
        resolve(path),
        '-o',
        resolve(out),
      ];
      const script = slurmScript({ ...options, command, folder: process.cwd(), logs, cells });
      ensureFolder(logs);
      writeFileAtomic(write, script);
      console.log(`${cells.length} of ${plan.cells.length} cells have no result yet. Submit them with:`);
      console.log(`  sbatch ${write}`);
    });
}
