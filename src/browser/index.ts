/** The library for pages: the engine on onnxruntime-web. What knows no platform is imported from the package itself. */
export { startEngine, type WebEngineOptions } from '../engine/web/index.js';
