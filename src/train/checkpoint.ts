/**
 * Checkpoints: safetensors with the parameters under their own names, the moments of what has learned beside them as
 * `optimizer.<part>.<name>`, in mixed precision the scale of the loss as `optimizer.lossScaling`, and in the metadata
 * the step, the complete configuration, the best look so far and a checksum over everything. What does not hold
 * together is refused when it is read, so that a run can go back to an older one.
 */
import { InputError, isDivergence } from '../core/errors.js';
import { notFinite } from '../core/finite.js';
import { type Tensor, tensor } from '../core/tensor.js';
import { type ParameterSpec, packParameters, unpackParameters } from '../nn/index.js';
import { CHECKSUM, checksumOf, readSafetensors, safetensorsParts, toFloat32 } from '../weights/index.js';
import { type ParameterGroups, partName, type State } from './groups.js';
import { type OptimizerOptions, statePartsOf } from './optimizer.js';
import { isScaling, SCALING } from './precision.js';

/** The scale of the loss, of which there is one. */
const STORED_SCALING = `optimizer.${SCALING}`;

/** The best look so far: its step, and the value of the criterion under its name. */
export type Best = Readonly<Record<string, number>> & { readonly step: number };

export interface Checkpoint<Config> {
  readonly step: number;
  readonly config: Config;
  /** Null before the first look, and where nothing is held out. */
  readonly best: Best | null;
  readonly state: State;
}

/** What checkpoints need to know of a kind of training. */
export interface CheckpointKind<Config> {
  /** What the metadata say of it beside step, configuration and best. */
  metadata(config: Config): Readonly<Record<string, string>>;
  /** The configuration in the metadata of a checkpoint; null where it is of another kind. */
  configOf(metadata: Readonly<Record<string, string>>): Config | null;
  groupsOf(config: Config): ParameterGroups;
  optimizerOf(config: Config): OptimizerOptions;
  /** What a file of another kind is told: what was expected, and what to do instead. */
  readonly expected: readonly [what: string, hint: string];
}

/** A file that is whole, but no checkpoint of the kind that was asked for. */
export class OtherKindError extends InputError {}

/**
 * The file of a checkpoint, as its parts one after the other.
 * @throws InputError ('diverged') when a value of the state is not finite
 */
export async function checkpointFile<Config>(
  { step, config, best, state }: Checkpoint<Config>,
  kind: CheckpointKind<Config>,
): Promise<Uint8Array[]> {
  const groups = kind.groupsOf(config);
  const tensors: [string, Tensor][] = [];
  for (const part of statePartsOf(kind.optimizerOf(config))) {
    for (const [group, specs] of Object.entries(groups)) {
      const flat = state.get(partName(group, part));
      if (!flat) continue;
      checkFinite(flat, `step ${step}`, part);
      // A group that has not learned yet has no moments to speak of.
      if (part !== 'theta' && flat.every((value) => value === 0)) continue;
      for (const [name, value] of unpackParameters(flat, specs)) tensors.push([storedName(part, name), value]);
    }
  }
  const scaling = state.get(SCALING);
  if (scaling) tensors.push([STORED_SCALING, tensor([scaling.length], scaling)]);
  const metadata: Record<string, string> = {
    format: 'cover-ts',
    ...kind.metadata(config),
    step: String(step),
    config: JSON.stringify(config),
    ...(best ? { best: JSON.stringify(best) } : {}),
  };
  metadata[CHECKSUM] = await checksumOf(tensors, metadata);
  return safetensorsParts(tensors, metadata);
}

/**
 * Reads a checkpoint from its bytes.
 * @param source its path, for messages
 * @throws InputError ('weights') for a damaged file, ('checkpoint') for one of another kind, or whose step, best look
 * or values cannot be
 */
export async function readCheckpoint<Config>(
  bytes: Uint8Array,
  source: string,
  kind: CheckpointKind<Config>,
): Promise<Checkpoint<Config>> {
  const { tensors, metadata } = readSafetensors(bytes, source);
  const known = metadata[CHECKSUM];
  if (known !== undefined && known !== (await checksumOf(tensors, metadata))) {
    throw new InputError(
      'checkpoint',
      `${source}: expected the checksum ${known.slice(0, 12)}…, found other contents`,
      'The file was damaged after it was written; use another checkpoint of the run.',
    );
  }
  const config = metadata.format === 'cover-ts' ? kind.configOf(metadata) : null;
  if (!config) throw new OtherKindError('checkpoint', `${source}: ${kind.expected[0]}`, kind.expected[1]);
  const step = wholeNumber(metadata.step);
  if (step === null) throw impossible(source, `a step, a whole number from 0, found ${JSON.stringify(metadata.step)}`);
  const best = bestOf(metadata.best, step);
  if (best === undefined) throw impossible(source, `a best look at a step up to ${step}, found ${metadata.best}`);
  const named = new Map([...tensors].map(([name, stored]) => [name, toFloat32(stored)]));
  const state = new Map<string, Float32Array>();
  for (const [group, specs] of Object.entries(kind.groupsOf(config))) {
    for (const part of statePartsOf(kind.optimizerOf(config))) {
      const flat = flatOf(named, part, specs);
      if (!flat) continue;
      checkValues(flat, source, part);
      state.set(partName(group, part), flat);
    }
  }
  const scaling = named.get(STORED_SCALING)?.data;
  if (scaling) {
    if (!isScaling(scaling)) throw impossible(source, `a scale of the loss and counts, found ${scaling.join(', ')}`);
    state.set(SCALING, scaling);
  }
  return { step, config, best, state };
}

function storedName(part: string, name: string): string {
  return part === 'theta' ? name : `optimizer.${part}.${name}`;
}

/** The vector of a part; undefined for moments that were not written down. */
function flatOf(named: ReadonlyMap<string, Tensor>, part: string, specs: readonly ParameterSpec[]) {
  if (part !== 'theta' && !specs.some(({ name }) => named.has(storedName(part, name)))) return undefined;
  const own = specs.flatMap(({ name }): [string, Tensor][] => {
    const value = named.get(storedName(part, name));
    return value ? [[name, value]] : [];
  });
  return packParameters(new Map(own), specs);
}

function checkValues(flat: Float32Array, source: string, part: string): void {
  try {
    checkFinite(flat, source, part);
  } catch (error) {
    if (!isDivergence(error)) throw error;
    throw impossible(source, error.message.slice(source.length + ': expected '.length));
  }
  const negative = part === 'secondMoment' ? flat.find((value) => value < 0) : undefined;
  if (negative !== undefined) throw impossible(source, `squares in the optimiser's secondMoment, found ${negative}`);
}

function checkFinite(flat: Float32Array, where: string, part: string): void {
  const bad = notFinite(flat);
  if (bad === undefined) return;
  const what = part === 'theta' ? 'the parameters' : `the optimiser's ${part}`;
  throw new InputError('diverged', `${where}: expected finite values in ${what}, found ${bad}`);
}

/** Undefined for what cannot be. */
function bestOf(text: string | undefined, step: number): Best | null | undefined {
  if (text === undefined) return null;
  try {
    const best = JSON.parse(text) as unknown;
    if (typeof best !== 'object' || best === null) return undefined;
    const values = Object.values(best);
    const { step: at } = best as { step?: unknown };
    const possible = typeof at === 'number' && Number.isSafeInteger(at) && at >= 0 && at <= step;
    return possible && values.every((value) => Number.isFinite(value)) ? (best as Best) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The step that a file of weights names; 0 where it names none, as files of others do.
 * @throws InputError ('checkpoint') for anything but a whole number from 0
 */
export function storedStep(text: string | undefined, source: string): number {
  const step = text === undefined ? 0 : wholeNumber(text);
  if (step === null) throw impossible(source, `a step, a whole number from 0, found ${JSON.stringify(text)}`);
  return step;
}

/** A step in decimal digits as it was written; null for anything else. */
export function wholeNumber(text: string | undefined): number | null {
  if (text === undefined || !/^(0|[1-9]\d{0,14})$/.test(text)) return null;
  return Number(text);
}

function impossible(source: string, expected: string): InputError {
  return new InputError('checkpoint', `${source}: expected ${expected}`, 'Use another checkpoint of the run.');
}
