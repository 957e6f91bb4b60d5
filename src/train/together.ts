/**
 * A training by several processes: how a batch is shared, and how what each has found becomes what one process would
 * have. Micro-batch `p` belongs to process `p mod n`, and everything is added up in the order of the micro-batches: `n`
 * processes have the bits of one that runs the micro-batches one after the other, whatever `n`.
 */
import { dotted } from '../core/dotted.js';
import { InputError } from '../core/errors.js';
import type { Peers } from '../core/peers.js';
import type { State } from './groups.js';
import type { TrainingHost } from './host.js';

/** Which of how many processes. */
export type Place = Pick<Peers, 'rank' | 'size'>;

/**
 * What falls to a process of the samples of a batch.
 * @param micro samples of a micro-batch
 */
export function shareOf<T>(batch: readonly T[], micro: number, { rank, size }: Place): T[] {
  return batch.filter((_, index) => Math.floor(index / micro) % size === rank);
}

/**
 * @param parts micro-batches of a batch
 * @throws InputError ('config') where they cannot be shared evenly
 */
export function checkShares(parts: number, size: number, batch: number): void {
  if (parts % size === 0) return;
  const counts = Array.from({ length: parts }, (_, index) => index + 1).filter((count) => parts % count === 0);
  throw new InputError(
    'config',
    `${size} processes: expected a number that divides the ${parts} micro-batches of the batch of ${batch}`,
    `Start ${counts.join(', ')}${counts.length > 1 ? ' of them' : ''}. A new run has other micro-batches with batch.size and batch.micro.`,
  );
}

type Numbers = Readonly<Record<string, number>>;

/** The sums over all processes of numbers that each has under the same names. */
export async function sumOver(peers: Peers, own: Numbers): Promise<Record<string, number>> {
  const all = await gatherNumbers(peers, Object.values(own));
  return Object.fromEntries(
    Object.keys(own).map((name, index) => [name, all.reduce((sum, numbers) => sum + numbers[index]!, 0)]),
  );
}

/**
 * The numbers of all micro-batches, in their order.
 * @param rounds the numbers of each micro-batch of this process, all under the same names
 */
export async function allParts(peers: Peers, rounds: readonly Numbers[]): Promise<Record<string, number>[]> {
  const names = Object.keys(rounds[0] ?? {});
  const all = await gatherNumbers(
    peers,
    rounds.flatMap((numbers) => names.map((name) => numbers[name]!)),
  );
  return rounds.flatMap((_, round) =>
    all.map((own) => Object.fromEntries(names.map((name, index) => [name, own[round * names.length + index]!]))),
  );
}

/** Whether any process says yes. */
export async function anyOf(peers: Peers | null, yes: boolean): Promise<boolean> {
  if (!peers) return yes;
  return (await peers.gather(Uint8Array.of(yes ? 1 : 0))).includes(1);
}

/** Waits for all processes. */
export async function meet(peers: Peers | null): Promise<void> {
  await peers?.gather(Uint8Array.of(0));
}

/** Lets rank 0 do something first, which leaves what the others then find: decoded images. */
export async function inTurn<T>(peers: Peers | null, act: () => Promise<T>): Promise<T> {
  if (peers?.rank !== 0) await meet(peers);
  const result = await act();
  if (peers?.rank === 0) await meet(peers);
  return result;
}

/** What all processes must have in common before the first step. */
export async function startFacts(
  start: { readonly config: object; readonly step: number | null; readonly record: object; readonly state: State },
  { digest }: Pick<TrainingHost, 'digest'>,
): Promise<Record<string, string>> {
  const { config, step, record, state } = start;
  const settings = dotted(config).map(([name, value]) => [name, JSON.stringify(value)]);
  return {
    ...Object.fromEntries(settings),
    'the step to go on from': String(step ?? 0),
    'the data, by their SHA-256,': await digest([new TextEncoder().encode(JSON.stringify(record))]),
    'the parameters, by their SHA-256,': await stateDigest(state, { digest }),
  };
}

/** SHA-256 of all parameters and moments. */
export function stateDigest(state: State, { digest }: Pick<TrainingHost, 'digest'>): Promise<string> {
  const parts = [...state.values()].map((part) => new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
  return digest(parts);
}

/**
 * Ends in every process where a fact is not that of rank 0.
 * @param facts by name, as text
 * @throws InputError ('cluster') naming the fact and the process
 */
export async function agreeOn(peers: Peers, facts: Readonly<Record<string, string>>): Promise<void> {
  const own = new TextEncoder().encode(JSON.stringify(facts));
  const [length] = (await gatherNumbers(peers, [own.length]))[0]!;
  const first = await peers.broadcast(peers.rank === 0 ? own : new Uint8Array(length!));
  const wanted = JSON.parse(new TextDecoder().decode(first)) as Record<string, string>;
  const names = [...new Set([...Object.keys(wanted), ...Object.keys(facts)])];
  const differs = names.find((name) => wanted[name] !== facts[name]);
  const found = differs === undefined ? '' : JSON.stringify([differs, facts[differs] ?? 'none']);
  const texts = await gatherTexts(peers, found);
  const rank = texts.findIndex((text) => text !== '');
  if (rank < 0) return;
  const [name, value] = JSON.parse(texts[rank]!) as [string, string];
  throw new InputError(
    'cluster',
    `rank ${rank}: expected ${name} ${wanted[name] ?? 'none'} as rank 0 has, found ${value}`,
    'All processes need the same command line, the same version, and the same files.',
  );
}

/** By rank. */
async function gatherTexts(peers: Peers, text: string): Promise<string[]> {
  const own = new TextEncoder().encode(text);
  const lengths = (await gatherNumbers(peers, [own.length])).flat();
  const longest = Math.max(1, ...lengths);
  const padded = new Uint8Array(longest);
  padded.set(own);
  const all = await peers.gather(padded);
  return lengths.map((length, rank) => new TextDecoder().decode(all.subarray(rank * longest, rank * longest + length)));
}

/**
 * Ends in every process where one has other parameters than rank 0, which processors of different kinds may lead to.
 * @throws InputError ('cluster')
 */
export async function sameState(peers: Peers, step: number, digest: string): Promise<void> {
  try {
    await agreeOn(peers, { [`parameters after step ${step}`]: digest });
  } catch (cause) {
    if (!(cause instanceof InputError)) throw cause;
    throw new InputError(
      'cluster',
      cause.message.split('\n')[0]!,
      'Processors of different kinds round differently: start all processes on hosts of one kind, and go on with --resume.',
      { cause },
    );
  }
}

/** By rank. */
async function gatherNumbers(peers: Peers, numbers: readonly number[]): Promise<number[][]> {
  const own = Float64Array.from(numbers);
  const bytes = await peers.gather(new Uint8Array(own.buffer));
  const all = new Float64Array(bytes.slice().buffer);
  return Array.from({ length: peers.size }, (_, rank) => [...all.subarray(rank * own.length, (rank + 1) * own.length)]);
}
