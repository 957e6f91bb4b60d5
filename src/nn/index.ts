export * from './parameters.js';
export { DIVISOR, defaultChannels, divisibilityError, doubleConv, unet, unetSpecs } from './unet.js';
