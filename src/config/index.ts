export { type ConfigSources, configYaml, loadConfig } from './load.js';
export { type Config, configSchema, presets } from './schema.js';
