export { type ConfigSources, configYaml, loadConfig, readSettings } from './load.js';
export { type Config, configSchema, presets } from './schema.js';
