/** Progress: one line that is written over in a terminal, plain lines when piped. */
import type { TrainRecord } from '../pretrain/run.js';

export interface Progress {
  step(record: TrainRecord, steps: number): void;
  /** Prints a line of its own. */
  line(text: string): void;
}

export function createProgress(out: NodeJS.WriteStream, plainEvery = 10): Progress {
  const live = out.isTTY === true;
  let rate = 0;
  return {
    step(record, steps) {
      rate = rate === 0 ? record.seconds : 0.9 * rate + 0.1 * record.seconds;
      const text =
        `step ${record.step}/${steps}  ${rate.toFixed(2)} s/step  ${duration(rate * (steps - record.step))} left  ` +
        `vec ${record.vectorLoss.toFixed(2)}  con ${record.consistencyLoss.toFixed(3)}  EPE ${record.endpointError.toFixed(2)} px`;
      if (live) out.write(`\r\x1b[2K${text.slice(0, (out.columns ?? 80) - 1)}`);
      else if (record.step % plainEvery === 0 || record.step === steps) out.write(`${text}\n`);
    },
    line(text) {
      out.write(live ? `\r\x1b[2K${text}\n` : `${text}\n`);
    },
  };
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}
