/** How long a training takes, told once after its first steps: the rest goes as they went. */
import { meanDefined, sumOf } from '../core/statistics.js';
import type { TrainingConfig } from './config/sections.js';

export interface Forecast {
  /** Seconds of the training from its first step on; null for a run that goes on from a checkpoint. */
  readonly whole: number | null;
  /** Seconds still to come. */
  readonly left: number;
}

/** What takes time in a training. */
type Work = 'step' | 'look' | 'save';

export interface Forecaster {
  /** Notes that a piece of work took so many seconds. */
  took(work: Work, seconds: number): void;
  /** The forecast, after the tenth step of the call; null after any other, and where no step is left. */
  after(step: number): Forecast | null;
}

/** As many steps are taken before the whole is told. */
const STEPS = 10;

/** @param from the step of the checkpoint that the run goes on from; null for a new run */
export function createForecaster({ run, schedule }: TrainingConfig, from: number | null): Forecaster {
  const { steps } = schedule;
  const times: Record<Work, number[]> = { step: [], look: [], save: [] };
  return {
    took: (work, seconds) => void times[work].push(seconds),
    after(step) {
      if (step !== (from ?? 0) + STEPS || step >= steps) return null;
      // The first step prepares what the others find ready.
      // What was never done takes no time.
      const mean = (taken: readonly number[]) => meanDefined(taken) ?? 0;
      const [stepTime, lookTime, saveTime] = [mean(times.step.slice(1)), mean(times.look), mean(times.save)];
      const looks = dueIn(step, steps, run.validateEvery);
      const saves = dueIn(step, steps, run.checkpointEvery);
      const left = (steps - step) * stepTime + looks * lookTime + saves * saveTime;
      const spent = Object.values(times).flat();
      return { whole: from === null ? left + sumOf(spent) : null, left };
    },
  };
}

/** How often something is due after a step, up to the last one, after which it is due in any case. */
function dueIn(step: number, steps: number, every: number): number {
  return Math.floor(steps / every) - Math.floor(step / every) + (steps % every === 0 ? 0 : 1);
}
