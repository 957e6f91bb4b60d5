/** The configuration of a pretraining run: the sections of every method, and those that methods have for themselves. */
import { z } from 'zod';
import { type Presets, presetNamed } from '../train/config/presets.js';
import { readSettings, type YamlFile } from '../train/config/read.js';
import { firstSections, lastSections } from './base-config.js';
import type { MethodDefinition } from './method.js';
import * as methods from './registry.js';

export type MethodName = keyof typeof methods;
export const methodNames = Object.keys(methods) as [MethodName, ...MethodName[]];

/** The settings of the methods that have some, under the methods' names. */
type OwnSections = {
  [Name in MethodName as (typeof methods)[Name]['settings'] extends null ? never : Name]: z.ZodPrefault<
    NonNullable<(typeof methods)[Name]['settings']>
  >;
};

const registry = new Map(Object.entries(methods) as [string, MethodDefinition<z.ZodType | null>][]);

const ownSections = Object.fromEntries(
  [...registry].flatMap(([name, { settings }]) => (settings ? [[name, (settings as z.ZodObject).prefault({})]] : [])),
) as OwnSections;

const settings = z.strictObject({
  method: z.enum(methodNames).default('cover').describe('cover, or a baseline to compare it with'),
  ...firstSections,
  ...ownSections,
  ...lastSections,
});

export const configSchema = settings
  .refine(({ data, views }) => data.slices === null || views.crop.length === 2, {
    path: ['views', 'crop'],
    message: 'expected two extents, since data.slices takes volumes slice by slice',
  })
  .superRefine((config, context) => {
    const { check } = definitionOf(config.method);
    const wrong = check?.(config, ownSettings(config));
    if (wrong) context.addIssue({ code: 'custom', path: [...wrong.key], message: `expected ${wrong.expected}` });
  });

/** A complete configuration. */
export type Config = z.output<typeof configSchema>;

/** The method of a name, whatever its settings are. */
export function definitionOf(name: MethodName): MethodDefinition<z.ZodType | null> {
  return registry.get(name)!;
}

/** Names in a state dict that are no parameters of any method. */
export const buffers = new Set([...registry.values()].flatMap((definition) => definition.buffers ?? []));

/** The settings that the shapes of a state dict's tensors by name tell, beyond those of the backbone. */
export function deduced(shapeOf: (name: string) => readonly number[] | undefined): string[] {
  return [...registry.values()].flatMap((definition) => definition.deduce?.(shapeOf) ?? []);
}

/** What a configuration says for its own method alone. */
export function ownSettings(config: Config): unknown {
  return (config as Readonly<Record<string, unknown>>)[config.method];
}

/** Named settings: a long pretraining for two cores, what the authors released, and what the paper reports. */
export const presets: Presets = {
  default: {},
  small: {
    views: { crop: [96, 96] },
    model: { channels: [16, 32, 64, 128, 256, 128, 64, 32, 16] },
    schedule: { steps: 8000 },
  },
  release: {
    views: { crop: [384, 384], degree: 1.5, curriculum: null },
    model: { window: 2, warp: 'reference' },
    optimizer: { name: 'adam', rate: (1e-4 * 24) / 256, weightDecay: 1e-4, clip: 1 },
    schedule: { name: 'constant', warmup: 0, steps: 200000 },
    batch: { size: 24, micro: 1 },
  },
  paper: {
    views: { crop: [384, 384], degree: 1.5, curriculum: null },
    model: { window: 3 },
    optimizer: { name: 'sgd', rate: 1e-4 },
    schedule: { name: 'constant', warmup: 0, steps: 200000 },
    batch: { size: 24, micro: 1 },
  },
};

export interface ConfigSources {
  /** `default`, `small`, `release` or `paper`. */
  readonly preset?: string | undefined;
  readonly file?: YamlFile | undefined;
  /** Settings such as `optimizer.rate=1e-3`; they win over the file. */
  readonly settings?: readonly string[] | undefined;
}

/**
 * @throws InputError ('config') for an unknown preset, an unknown key or a wrong value
 * @example readConfig({ settings: ['batch.size=8'] }).batch.size // 8
 */
export function readConfig({ preset = 'default', file, settings = [] }: ConfigSources = {}): Config {
  return readSettings(configSchema, presetNamed(presets, preset), { file, settings });
}
