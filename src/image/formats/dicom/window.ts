/** Windows: the part of the real values that is shown, mapped to [0, 1] (PS3.3, section C.11.2.1.2). */
import type { DataSet } from 'dicom-parser';
import { text } from './format.js';
import { itemsOf } from './parse.js';

/** A window in real values, as a viewer shows it. */
export interface Window {
  readonly center: number;
  readonly width: number;
  /** How values between the ends are mapped; 'LINEAR' unless told. */
  readonly shape?: 'LINEAR' | 'LINEAR_EXACT' | 'SIGMOID';
}

/**
 * The first window that the file names.
 * @param groups the functional groups of the frame, which have a window of their own
 */
export function windowOf(dataSet: DataSet, groups: readonly DataSet[] = []): Window | undefined {
  const [own] = groups.flatMap((group) => itemsOf(group, 'x00289132'));
  if (own) return windowOf(own);
  const center = dataSet.floatString('x00281050', 0);
  const width = dataSet.floatString('x00281051', 0);
  if (center === undefined || width === undefined || !Number.isFinite(center) || !(width > 0)) return undefined;
  const named = text(dataSet, 'x00281056');
  const shape = named === 'SIGMOID' || named === 'LINEAR_EXACT' ? named : 'LINEAR';
  return { center, width, shape };
}

/** The function from a real value to [0, 1]. */
export function windowing({ center, width, shape = 'LINEAR' }: Window): (value: number) => number {
  if (shape === 'SIGMOID') return (value) => 1 / (1 + Math.exp((-4 * (value - center)) / width));
  const clamp = (value: number) => Math.max(0, Math.min(1, value));
  if (shape === 'LINEAR_EXACT') return (value) => clamp((value - center) / width + 0.5);
  // The ends belong to the window: a width of 1 is a step.
  if (width <= 1) return (value) => (value > center - 0.5 ? 1 : 0);
  return (value) => clamp((value - (center - 0.5)) / (width - 1) + 0.5);
}
