/**
 * The places of work that this page has, asked as one: names of what lies in the page begin with `page:`, so that the
 * rooms need not know where a run, a project or an image lies.
 */
import type { ProjectSummary, RunSummary } from '../../shared/protocol';
import { messageOf } from '../api';
import type { Place, PlaceFacts, PlaceName, RunListener } from './place';

const PREFIX = 'page:';
const placed = new Map<PlaceName, { readonly place: Place; readonly facts: PlaceFacts }>();

/**
 * Takes up work with these places.
 * @returns why places that do not answer are left out, a sentence each
 * @throws Error where none answers
 */
export async function takeUpPlaces(places: readonly Place[]): Promise<readonly string[]> {
  const answers = await Promise.allSettled(places.map(async (place) => ({ place, facts: await place.facts() })));
  placed.clear();
  for (const answer of answers) if (answer.status === 'fulfilled') placed.set(answer.value.place.name, answer.value);
  const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [messageOf(answer.reason)] : []));
  if (placed.size === 0) throw new Error(reasons.join(' '));
  return reasons;
}

/** The places that answered, the first one for what is begun anew. */
export function places(): readonly { readonly place: Place; readonly facts: PlaceFacts }[] {
  return [...placed.values()];
}

/** Something that lies at a place. */
export interface Placed {
  readonly place: Place;
  readonly facts: PlaceFacts;
  /** What the place itself calls it. */
  readonly name: string;
}

/** @throws Error for the address of a place that this page does not have */
export function at(address: string): Placed {
  const own = address.startsWith(PREFIX);
  const found = placed.get(own ? 'page' : 'computer');
  if (!found) throw new Error(`${address}: this page cannot reach it; is the studio running in its terminal?`);
  return { ...found, name: own ? address.slice(PREFIX.length) : address };
}

/** The address of what a place calls so. */
export function addressOf({ name: of }: Pick<Place, 'name'>, name: string): string {
  return of === 'page' ? PREFIX + name : name;
}

/** What a person calls what lies at an address, where it matters with its place. */
export function titleOf(address: string): string {
  if (!isInPage(address)) return address;
  const name = address.slice(PREFIX.length);
  return placed.size > 1 ? `${name} (in the page)` : name;
}

export function isInPage(address: string): boolean {
  return address.startsWith(PREFIX);
}

/** Whether two addresses lie at one place. */
export function samePlace(one: string, other: string): boolean {
  return isInPage(one) === isInPage(other);
}

/** An address where it lies at the place of another one, else nothing. */
export function keepingPlace(address: string, other: string): string {
  return samePlace(address, other) ? address : '';
}

/** The runs of all places; their ids are addresses. */
export async function allRuns(): Promise<RunSummary[]> {
  const lists = await Promise.all(places().map(async ({ place }) => runsAt(place, await place.runs())));
  return lists.flat();
}

/** The projects of all places; their names are addresses. */
export async function allProjects(): Promise<ProjectSummary[]> {
  const lists = await Promise.all(
    places()
      .filter(({ facts }) => facts.images)
      .map(async ({ place }) => (await place.projects()).map((one) => ({ ...one, name: addressOf(place, one.name) }))),
  );
  return lists.flat();
}

/** Watches the runs of all places at once; ids are addresses. */
export function watchAll(offsets: ReadonlyMap<string, number>, listener: RunListener): () => void {
  const lists = new Map<PlaceName, readonly RunSummary[]>();
  const ends = places().map(({ place }) => {
    const own = [...offsets].filter(([address]) => at(address).place === place);
    return place.watch(new Map(own.map(([address, offset]) => [at(address).name, offset])), {
      onRuns(runs) {
        lists.set(place.name, runsAt(place, runs));
        if (lists.size === placed.size) listener.onRuns([...lists.values()].flat());
      },
      onNews: (news) => listener.onNews({ ...news, id: addressOf(place, news.id) }),
      onCurves: (curves) => listener.onCurves({ ...curves, id: addressOf(place, curves.id) }),
      onLost: () => listener.onLost(),
    });
  });
  return () => {
    for (const end of ends) end();
  };
}

function runsAt(place: Place, runs: readonly RunSummary[]): RunSummary[] {
  return runs.map((run) => ({ ...run, id: addressOf(place, run.id) }));
}
