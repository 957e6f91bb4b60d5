/** The program `cover` with its commands. Only what the called command needs is loaded. */
import { Command } from 'commander';
import { prepareEngine } from '../engine/node/thread.js';
import { keepMemory } from '../system/kept-memory.js';
import { packageVersion } from './version.js';

type Loader = () => Promise<(program: Command) => void>;

/** In the order of the help. */
const commands = {
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
} satisfies Readonly<Record<string, Loader>>;
type Name = keyof typeof commands;

/** Those that compute with large arrays, and end; the first ones by an engine of their own. */
const withEngine = ['pretrain', 'finetune', 'embed', 'match', 'register', 'analyze', 'segment', 'classify'] as const;
const computing: ReadonlySet<Name> = new Set([...withEngine, 'benchmark', 'demo']);

export const commandNames = Object.keys(commands) as readonly Name[];

/**
 * @param args what follows `cover`: first a command, or what asks for the version; anything else loads all, for the
 * help
 */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const [called = ''] = args;
  const program = new Command('cover')
    .description('Pixel-wise self-supervised pretraining for medical images (COVER)')
    .version(packageVersion())
    .showHelpAfterError();
  if (['-V', '--version'].includes(called)) return program;
  const named = commandNames.find((name) => name === called);
  if (named && computing.has(named)) keepMemory();
  if (withEngine.some((name) => name === called) && !args.some(asksForHelp)) prepareEngine();
  for (const name of named ? [named] : commandNames) (await commands[name]())(program);
  return program;
}

const asksForHelp = (arg: string) => arg === '-h' || arg === '--help';
