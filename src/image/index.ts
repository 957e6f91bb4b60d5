/** Images: reading, writing, value range, channels, resizing. */
export { type Image, toChannels, toUnitRange } from './image.js';
export { divisibleShape, padEdge } from './pad.js';
export { type ReadOptions, readImage, TruncatedImageError } from './read.js';
export { resizeLinear } from './resize.js';
export { type Pixels, writePng } from './write.js';
