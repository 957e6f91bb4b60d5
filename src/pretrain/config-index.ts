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
} from '../train/settings.js';
export { type Config, configSchema, presets } from './config.js';
