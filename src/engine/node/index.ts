export { startEngine, threadsFor } from './start.js';
export { targetOf } from './target.js';
