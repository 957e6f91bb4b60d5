export { type ChestOptions, type ChestPhantom, chestClasses, chestPhantom } from './chest.js';
export { type ThoraxOptions, type ThoraxPhantom, thoraxClasses, thoraxPhantom } from './thorax.js';
export { type Splits, type WriteOptions, writePhantoms } from './write.js';
