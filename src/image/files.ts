/** Images and volumes in files. */
export {
  writeColours,
  writeDisplacementField,
  writeVectors,
  writeVolume,
} from './formats/nifti/write.js';
export { type ReadOptions, readImage } from './read.js';
export { readVolume } from './read-volume.js';
export { type Pixels, writePng } from './write.js';
export { writeLabels } from './write-labels.js';
