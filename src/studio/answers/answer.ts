/** What a network says of images: a description and arrays, whoever asks, on the server or in the page. */
import type { FrameArray } from '../shared/frame.js';

export interface Answer<Facts> {
  readonly facts: Facts;
  readonly arrays: Readonly<Record<string, FrameArray>>;
}
