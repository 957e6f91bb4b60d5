export {
  type Device,
  type DeviceChoice,
  devices,
  type Engine,
  type LoadOptions,
  type RunOptions,
  type StatePart,
  type StateReference,
  targetOf,
} from './engine.js';
export { type EngineOptions, startEngine } from './node.js';
export { loadGraph } from './program.js';
