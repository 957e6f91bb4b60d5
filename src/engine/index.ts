export { startCrew } from './crew.js';
export {
  type Device,
  type DeviceChoice,
  devices,
  type Engine,
  type EngineOptions,
  type LoadOptions,
  type PeerOptions,
  type RunOptions,
  type StartEngine,
  type StatePart,
  type StateReference,
} from './engine.js';
export { loadGraph } from './program.js';
