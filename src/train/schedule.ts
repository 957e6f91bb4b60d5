/** The learning rate of a step: linear warm-up, then constant or a cosine to zero (docs/method.md §6). */

export const scheduleNames = ['cosine', 'constant'] as const;
export type ScheduleName = (typeof scheduleNames)[number];

export interface ScheduleOptions {
  readonly name: ScheduleName;
  /** The last step of the run. */
  readonly steps: number;
  /** The rate grows from 0 to its peak over this many steps. */
  readonly warmup: number;
}

/** @param step 1, 2, … */
export function learningRate(peak: number, step: number, { name, steps, warmup }: ScheduleOptions): number {
  if (step <= warmup) return (peak * step) / warmup;
  if (name === 'constant') return peak;
  return (peak * (1 + Math.cos((Math.PI * (step - warmup)) / Math.max(1, steps - warmup)))) / 2;
}
