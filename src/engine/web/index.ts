export { startEngine, type WebEngineOptions } from './start.js';
