/**
 * Mixed precision: maps in float16, and the loss multiplied by a scale so that small gradients do not become zero
 * there. The scale is dynamic: halved where a gradient is not finite, whose step is left out, and doubled after so many
 * steps without one. It is a power of two, so that multiplying by it rounds nothing.
 */
import { InputError } from '../core/errors.js';
import { tensor } from '../core/tensor.js';
import { type Engine, loadGraph } from '../engine/index.js';
import { conv, Graph, mixedPrecision } from '../graph/index.js';

export const precisions = ['full', 'mixed'] as const;
/** Maps in float32 or in float16. */
export type Precision = (typeof precisions)[number];

/** The name of the scale as an input of a graph. */
export const LOSS_SCALE = 'lossScale';
/** The name under which the state of the scaling is kept beside parameters and moments. */
export const SCALING = 'lossScaling';

const FIRST = 2 ** 16;
const LARGEST = 2 ** 24;
/** Good steps after which the scale is doubled. */
const GROWTH = 2000;

export interface LossScaling {
  readonly scale: number;
  /** Steps that were left out, of all so far. */
  readonly skipped: number;
  /** Steps that a group has been left out of. */
  skippedOf(group: string): number;
  /** A step whose gradient was finite. */
  good(): void;
  /**
   * A step of these groups that is left out, its gradient not being finite.
   * @throws InputError ('diverged') where the scale is 1 already
   */
  skip(groups: readonly string[]): void;
  /** All there is to know, for a checkpoint. */
  state(): Float32Array;
  /** As it was; as at the start where undefined. */
  setState(state: Float32Array | undefined): void;
}

/** @param groups of parameters, in their order */
export function lossScaling(groups: readonly string[]): LossScaling {
  // The scale, good steps since it changed, steps left out, and those of each group.
  const initial = () => [FIRST, 0, 0, ...groups.map(() => 0)];
  let values = initial();
  return {
    get scale() {
      return values[0]!;
    },
    get skipped() {
      return values[2]!;
    },
    skippedOf: (group) => values[3 + groups.indexOf(group)]!,
    good() {
      values[1]!++;
      if (values[1]! < GROWTH) return;
      values[0] = Math.min(LARGEST, 2 * values[0]!);
      values[1] = 0;
    },
    skip(learning) {
      if (values[0]! <= 1) {
        throw new InputError('diverged', 'the gradient is not finite in float16, whatever the scale of the loss');
      }
      values[0]! /= 2;
      values[1] = 0;
      values[2]!++;
      for (const group of learning) values[3 + groups.indexOf(group)]!++;
    },
    state: () => Float32Array.from(values),
    setState(state) {
      values = state?.length === 3 + groups.length ? [...state] : initial();
    },
  };
}

/** Whether numbers can be the state of a scaling. */
export function isScaling(state: Float32Array): boolean {
  const [scale = 0, ...counts] = state;
  const power = Number.isInteger(Math.log2(scale)) && scale >= 1 && scale <= LARGEST;
  return power && counts.length >= 2 && counts.every((count) => Number.isInteger(count) && count >= 0);
}

const ON_CPU = 'it computes float16 by way of float32, which takes longer and more memory';

/**
 * Tries a convolution in float16.
 * @returns why the device of an engine does not compute in float16, or null
 */
export async function whyNotHalf(engine: Engine): Promise<string | null> {
  if (engine.device === 'cpu') return ON_CPU;
  const graph = new Graph(engine.target);
  const x = [1 / 3, -3, 0.5, 60000];
  const y = conv(graph.input('x', [1, 1, 2, 2]), graph.constant([1], [1, 1, 1, 1]));
  try {
    const program = await loadGraph(engine, mixedPrecision({ y }));
    const { data } = (await engine.run(program, { x: tensor([1, 1, 2, 2], Float32Array.from(x)) })).y!;
    const near = x.every((value, index) => Math.abs(data[index]! / value - 1) < 2 ** -10);
    return near ? null : `it computes wrongly: ${x.join(', ')} gave ${data.join(', ')}`;
  } catch (error) {
    return (error as Error).message.split('\n')[0]!;
  }
}

/** Refuses what is known before a device has started. @throws InputError ('config') */
export function checkPrecision({
  device,
  precision,
}: {
  readonly device: string;
  readonly precision: Precision;
}): void {
  if (precision === 'mixed' && device === 'cpu') throw precisionError(device, ON_CPU);
}

/** @throws InputError ('config') where the device of an engine does not compute in float16 */
export async function checkHalf(engine: Engine, precision: Precision): Promise<void> {
  const reason = precision === 'mixed' ? await whyNotHalf(engine) : null;
  if (reason) throw precisionError(engine.device, reason);
}

function precisionError(device: string, reason: string): InputError {
  return new InputError(
    'config',
    `precision: expected full on the device ${device}, found mixed: ${reason}`,
    'Set precision=full, or device=webgpu or cuda on a graphics card that computes in float16.',
  );
}
