/**
 * Progress: one line that is written over in a terminal, plain lines when piped; at most 80 columns where that is
 * enough.
 */
import { duration } from '../core/duration.js';
import { printable, printableLines } from '../core/printable.js';

export { duration } from '../core/duration.js';

import type { MethodMetrics } from '../pretrain/method.js';
import type { Metric } from '../train/criterion.js';
import type { TrainRecord, ValidationRecord } from '../train/events.js';

export interface Progress {
  /** @param metrics what a step is shown with */
  step(record: TrainRecord, steps: number, metrics: readonly Metric[]): void;
  validation(record: ValidationRecord, metrics: MethodMetrics): void;
  /** So many of so many; in a pipe only the last. */
  count(what: string, done: number, total: number): void;
  /** Writes over the last such text in a terminal; in a pipe prints it where `plain`. */
  update(text: string, plain: boolean): void;
  /** Prints a line of its own. */
  line(text: string): void;
  /** Leaves the line that is written over. */
  end(): void;
}

/** Where output goes: a terminal or a pipe. */
export type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** @param plainEvery in a pipe, every this many steps have a line */
export function createProgress(out: Output, plainEvery = 10): Progress {
  const live = out.isTTY === true;
  let rate = 0;
  let open = false;
  const over = (text: string) => {
    out.write(`\r\x1b[2K${printable(text).slice(0, (out.columns || 80) - 1)}`);
    open = true;
  };
  const line = (text: string) => {
    const shown = printableLines(text);
    out.write(open ? `\r\x1b[2K${shown}\n` : `${shown}\n`);
    open = false;
  };
  const update = (text: string, plain: boolean) => {
    if (live) over(text);
    else if (plain) line(text);
  };
  return {
    step(record, steps, metrics) {
      rate = rate === 0 ? record.seconds : 0.9 * rate + 0.1 * record.seconds;
      const text =
        `step ${record.step}/${steps}  ${rate.toFixed(2)} s/step  ${duration(rate * (steps - record.step))} left  ` +
        metrics.map((metric) => metricText(metric, record)).join('  ');
      if (!Number.isFinite(record.gradientNorm)) {
        const scale = Number(record.lossScale);
        line(
          `step ${record.step} is left out: its gradient overflowed; the loss is scaled by ${scale / 2}, not ${scale}`,
        );
      }
      update(text, record.step % plainEvery === 0 || record.step === steps);
    },
    update,
    validation(record, { criterion, reference }) {
      const ratio = reference && (Number(record[criterion.key]) / Number(record[reference.key])).toFixed(3);
      line(
        `validation at ${record.step}: ${metricText(criterion, record)}` +
          (reference ? `, ${metricText(reference, record)} (ratio ${ratio})` : ''),
      );
      const { featureDeviation, effectiveRank } = record;
      const [deviation, rank] = [Number(featureDeviation).toFixed(4), Number(effectiveRank).toFixed(2)];
      line(`  features: deviation ${deviation}, effective rank ${rank}`);
    },
    count(what, done, total) {
      update(`${what} ${done}/${total}`, done === total);
    },
    line,
    end() {
      if (open) out.write('\n');
      open = false;
    },
  };
}

/** `EPE 9.87 px` */
export function metricText({ key, short, digits, unit }: Metric, record: Readonly<Record<string, unknown>>): string {
  return `${short} ${Number(record[key]).toFixed(digits)}${unit ? ` ${unit}` : ''}`;
}
