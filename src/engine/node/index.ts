export { startEngine } from './start.js';
export { targetOf } from './target.js';
