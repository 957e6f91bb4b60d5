/**
 * The methods of pretraining, a line each. A method is a folder: its network, its loss, its samples and its settings.
 */
export { consistency } from './consistency/method.js';
export { contrast } from './contrast/method.js';
export { cover } from './cover/method.js';
export { mae } from './mae/method.js';
export { restoration } from './restoration/method.js';
