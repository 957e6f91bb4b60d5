export { CPU_TARGET } from './device.js';
export { startEngine, type WebEngineOptions } from './start.js';
