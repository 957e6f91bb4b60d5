export * from './parameters.js';
export { pointwise, pointwiseSpecs } from './pointwise.js';
export { DIVISOR, defaultChannels, divisibilityError, doubleConv, isDecoder, unet, unetSpecs } from './unet.js';
