#!/usr/bin/env node
/** The command `cover`: parses, calls the layer below, prints. Only what the called command needs is loaded. */
import { Command } from 'commander';
import { parse } from './parse.js';
import { packageVersion } from './version.js';

/** In the order of the help. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  pretrain: async () => (await import('./pretrain.js')).addPretrain,
  config: async () => (await import('./config.js')).addConfig,
  doctor: async () => (await import('./doctor.js')).addDoctor,
  embed: async () => (await import('./embed.js')).addEmbed,
  match: async () => (await import('./match.js')).addMatch,
  register: async () => (await import('./register.js')).addRegister,
  analyze: async () => (await import('./analyze.js')).addAnalyze,
  finetune: async () => (await import('./finetune.js')).addFinetune,
  segment: async () => (await import('./segment.js')).addSegment,
  classify: async () => (await import('./classify.js')).addClassify,
  evaluate: async () => (await import('./evaluate.js')).addEvaluate,
  benchmark: async () => (await import('./benchmark.js')).addBenchmark,
  slurm: async () => (await import('./slurm.js')).addSlurm,
  export: async () => (await import('./export.js')).addExport,
  import: async () => (await import('./import.js')).addImport,
  studio: async () => (await import('./studio.js')).addStudio,
  demo: async () => (await import('./demo.js')).addDemo,
};

const program = new Command('cover')
  .description('Pixel-wise self-supervised pretraining for medical images (COVER)')
  .version(packageVersion())
  .showHelpAfterError();
const called = process.argv[2] ?? '';
const wanted = Object.hasOwn(commands, called) ? [called] : Object.keys(commands);
for (const name of wanted) (await commands[name]!())(program);

await parse(program);
