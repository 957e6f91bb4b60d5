export {
  type ConfigSources,
  configYaml,
  loadConfig,
  mergeSettings,
  type Plain,
  readSettings,
  readYamlFile,
  schemaError,
  type Where,
} from './load.js';
export { type Config, configSchema, presets } from './schema.js';
