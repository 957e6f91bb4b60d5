/** Configurations from files. */
import { readFileSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { type FinetuneConfig, readFinetuneConfig } from '../finetune/config.js';
import { foundInstead } from '../image/unreadable.js';
import { type Config, readConfig } from '../pretrain/config.js';
import { readYamlText, type YamlFile } from '../train/config/read.js';

export interface ConfigSources {
  /** `default`, `release` (of pretraining alone) or `paper`. */
  readonly preset?: string | undefined;
  /** The path of a YAML file. */
  readonly file?: string | undefined;
  /** Settings such as `optimizer.rate=1e-3`; they win over the file. */
  readonly settings?: readonly string[] | undefined;
}

/**
 * The configuration of a pretraining.
 * @throws InputError ('config') for an unknown preset, an unreadable file, an unknown key or a wrong value
 * @example loadConfig({ settings: ['batch.size=8'] }).batch.size // 8
 */
export function loadConfig({ file, ...sources }: ConfigSources = {}): Config {
  return readConfig({ ...sources, file: file === undefined ? undefined : yamlFile(file) });
}

/**
 * The configuration of a fine-tuning; what depends on the data is still empty.
 * @throws InputError ('config') for an unknown preset, an unreadable file, an unknown key or a wrong value
 * @example loadFinetuneConfig({ settings: ['data.source=xrays', 'backbone.mode=frozen'] }).schedule.steps // 600
 */
export function loadFinetuneConfig({ file, ...sources }: ConfigSources = {}): FinetuneConfig {
  return readFinetuneConfig({ ...sources, file: file === undefined ? undefined : yamlFile(file) });
}

/** The keys and values of a YAML file, and where each stands. @throws InputError ('config') */
export function readYamlFile(path: string): ReturnType<typeof readYamlText> {
  return readYamlText(yamlFile(path));
}

/** @throws InputError ('config') for a file that cannot be read */
export function yamlFile(path: string): YamlFile {
  try {
    return { name: path, text: readFileSync(path, 'utf8') };
  } catch (cause) {
    const what =
      (cause as NodeJS.ErrnoException).code === 'ENOENT'
        ? 'this configuration file does not exist'
        : `expected a configuration file, found ${foundInstead(cause)}`;
    throw new InputError('config', `${path}: ${what}`, 'Name a YAML file.', { cause });
  }
}
