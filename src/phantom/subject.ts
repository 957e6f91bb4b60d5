/** A subject of a set of phantoms: its name, and a radiograph as its files have it. */
import { type ChestOptions, chestPhantom } from './chest.js';

/** Of its files, without folder and ending. @param subject from 0 */
export function subjectName(subject: number): string {
  return `chest-${String(subject).padStart(4, '0')}`;
}

export interface GrayChest {
  /** `H·W` values, 255 is white. */
  readonly gray: Uint8Array;
  /** `H·W` class indices. */
  readonly labels: Uint8Array;
}

export function grayChest(options: ChestOptions): GrayChest {
  const { image, labels } = chestPhantom(options);
  return { gray: Uint8Array.from(image.data, (value) => Math.round(value * 255)), labels };
}
