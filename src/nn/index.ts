export * from './parameters.js';
export { pointwise, pointwiseSpecs } from './pointwise.js';
export { DIVISOR, defaultChannels, divisibilityError, doubleConv, unet, unetSpecs } from './unet.js';
