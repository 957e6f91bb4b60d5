/** `cover config`: the complete configuration of a training, what each key means, and where its value comes from. */
import { Argument, type Command } from 'commander';
import type { z } from 'zod';
import { finetunePresets, finetuneSchema, readFinetuneConfig } from '../finetune/config.js';
import { yamlFile } from '../node/config-file.js';
import { configSchema, presets, readConfig } from '../pretrain/config.js';
import { describeSettings } from '../train/config/describe.js';
import { configYaml } from '../train/config/read.js';
import { sourceOf } from '../train/config/sources.js';
import { type Chosen, configText } from './config-text.js';

interface Options {
  readonly preset?: string;
  readonly config?: string;
  readonly set: string[];
  readonly presets?: boolean;
  readonly describe?: boolean;
  readonly json?: boolean;
}

const trainings = ['pretrain', 'finetune'] as const;
type Training = (typeof trainings)[number];

const examples = `
Examples:
  cover config --describe                   every key, with what it means
  cover config finetune --set task=classification --json
  cover config --preset release > mine.yaml
  cover config finetune --preset paper
  cover pretrain xrays/ -o runs/first --config mine.yaml`;

export function addConfig(program: Command): void {
  program
    .command('config')
    .description('print the complete configuration of a training')
    .addArgument(new Argument('[training]', 'of which training').choices(trainings).default('pretrain'))
    .option('-p, --preset <name>', 'default, paper, or of pretraining small, release')
    .option('-c, --config <file>', 'a YAML configuration')
    .option('-s, --set <key=value>', 'one setting, repeatable', (value: string, all: string[]) => [...all, value], [])
    .option('--describe', 'with the meaning and the allowed values of every key')
    .option('--presets', 'print what each preset sets, and nothing else')
    .option('--json', 'print the result as JSON, and nothing else')
    .addHelpText('after', examples)
    .action((training: Training, options: Options) => {
      process.stdout.write(options.presets ? presetsText(training, options) : settingsText(training, options));
    });
}

const presetsOf = { pretrain: presets, finetune: finetunePresets } as const;

function presetsText(training: Training, { json = false }: Options): string {
  return json ? jsonText(presetsOf[training]) : configYaml(presetsOf[training]);
}

function settingsText(training: Training, options: Options): string {
  const { describe = false, json = false } = options;
  const chosen = chosenSettings(training, options);
  if (!json) return configText(chosen, { describe });
  const settings = chosen.map(({ path, value, source, type, fallback, description }) => ({
    key: path.join('.'),
    value,
    source,
    type,
    default: fallback,
    description,
  }));
  return jsonText({ training, settings });
}

const jsonText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

/** All settings with their values; of a section that is not null its keys alone, of one that is null itself alone. */
function chosenSettings(training: Training, { preset, config, set: settings }: Options): Chosen[] {
  const file = config === undefined ? undefined : yamlFile(config);
  const [schema, values]: [z.ZodObject, object] =
    training === 'pretrain'
      ? [configSchema, readConfig({ preset, file, settings })]
      : [finetuneSchema, readFinetuneConfig({ preset, file, settings })];
  const named = preset === undefined ? undefined : { name: preset, content: presetsOf[training][preset]! };
  const source = sourceOf({ preset: named, file, settings });
  return describeSettings(schema).flatMap((setting) => {
    const value = valueAt(values, setting.path);
    if (value === undefined || (setting.isSection && value !== null)) return [];
    return [{ ...setting, value, source: source(setting.path) }];
  });
}

/** Undefined below a section that is null. */
function valueAt(values: object, path: readonly string[]): unknown {
  let node: unknown = values;
  for (const key of path) node = (node as Record<string, unknown> | null | undefined)?.[key];
  return node;
}
