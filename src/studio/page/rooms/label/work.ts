/**
 * The work on one case: its image, what is drawn, and what was predicted. Every change is kept in this browser at once
 * and then sent to the project's place; what it has not confirmed is found again when the page is opened anew.
 */

import { sizeOf } from '../../../../core/tensor';
import { labelFocus } from '../../../../report/label-planes';
import { interpolated } from '../../../drawing/interpolate';
import {
  changedBy,
  changesOf,
  History,
  KEPT,
  packed,
  replace,
  UNPAINTED,
  unpacked,
  wholeMap,
} from '../../../drawing/map';
import { slicesThrough } from '../../../drawing/slices';
import { messageOf } from '../../api';
import { loadPicture, type Picture } from '../../parts/picture';
import { middleOf } from '../../parts/planes';
import { at } from '../../place/places';

export type Saved = 'saved' | 'saving' | 'kept here' | 'not kept';

/** Where what is not sent yet is kept in this browser. */
const unsentKey = (project: string, id: string) => `cover.unsent.${project}/${id}`;

/** Whether something of a case waits in this browser to be sent. */
export function hasUnsent(project: string, id: string): boolean {
  return localStorage.getItem(unsentKey(project, id)) !== null;
}

/** A project begins empty: what was not sent of one of its name, which is gone, is nothing to it. */
export function forgetProject(project: string): void {
  const own = Object.keys(localStorage).filter((key) => key.startsWith(unsentKey(project, '')));
  for (const key of own) localStorage.removeItem(key);
}

/** What was drawn and not sent gives way to a map that came in for the case. */
export function forgetUnsent(project: string, id: string): void {
  localStorage.removeItem(unsentKey(project, id));
}

export class CaseWork {
  /** The address of the project. */
  readonly project: string;
  readonly id: string;
  /** The address of the image. */
  readonly path: string;
  readonly history = new History();
  picture: Picture | null = null;
  /** A class for every pixel of the picture, 255 where nobody painted. */
  labels: Uint8Array<ArrayBuffer> | null = null;
  /** The place at which a volume is looked at. */
  place: readonly number[] = [];
  /** The plane of a volume that was drawn in last. */
  drawnIn = 'axial';
  prediction: { readonly labels: Uint8Array; readonly certainty: Uint8Array } | null = null;
  problem = '';
  saved: Saved = 'saved';
  /** Whether its place counts the case as labelled, since it was last told; null before. */
  confirmed: boolean | null = null;
  /** Counts changes, so that what shows it knows when to draw again. */
  version = 0;
  /** What its place has, as far as is known: what differs from it is sent, so that others lose nothing. */
  #known = new Uint8Array();
  readonly #watchers = new Set<() => void>();
  /** Whether others may have drawn what is not here yet. */
  #behind = false;
  #sending = false;
  #waiting = false;
  #kept = true;

  constructor(project: string, id: string, path: string) {
    this.project = project;
    this.id = id;
    this.path = path;
  }

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  changed(): void {
    this.version++;
    for (const watcher of this.#watchers) watcher();
  }

  async load(): Promise<void> {
    try {
      const picture = await loadPicture(this.path);
      const { place, name } = at(this.project);
      const drawn = await place.drawn(name, this.id);
      const labels = new Uint8Array(sizeOf(picture.shape)).fill(UNPAINTED);
      if (drawn) labels.set(drawn);
      this.#known = labels.slice();
      const unsent = unpacked(localStorage.getItem(this.#key) ?? '', labels.length);
      if (unsent) labels.set(changedBy(labels, unsent));
      this.picture = picture;
      this.labels = labels;
      this.place = drawn || unsent ? labelFocus({ shape: picture.shape, data: labels }) : middleOf(picture.shape);
      this.problem = '';
      if (unsent) void this.#send();
      await this.loadPrediction();
    } catch (error) {
      this.problem = messageOf(error);
    }
    this.changed();
  }

  /** Tries again what the place did not answer to. */
  tryAgain(): void {
    if (!this.labels && this.problem) void this.load();
    else if (this.saved === 'kept here' || this.saved === 'not kept') void this.#send();
  }

  /** Another tab, or another person, may have drawn in the case. What is done here comes first, and is sent before. */
  async catchUp(): Promise<void> {
    this.#behind = true;
    const known = this.#known;
    if (!this.labels || this.saved !== 'saved') return;
    const { place, name } = at(this.project);
    const drawn = (await place.drawn(name, this.id)) ?? new Uint8Array(known.length).fill(UNPAINTED);
    const { labels } = this;
    // What was drawn meanwhile is sent, and after that it is looked again.
    if (this.saved !== 'saved' || this.#known !== known || !isSame(known, labels)) return;
    this.#behind = false;
    if (isSame(drawn, labels)) return;
    labels.set(drawn);
    this.#known = labels.slice();
    this.history.clear();
    this.changed();
  }

  async loadPrediction(): Promise<void> {
    const { place, name } = at(this.project);
    this.prediction = await place.prediction(name, this.id);
    this.changed();
  }

  /** What was drawn is to be kept: at once here, soon at its place. */
  commit(): void {
    if (!this.labels) return;
    this.#keep(packed(changesOf(this.#known, this.labels)));
    this.changed();
    void this.#send();
  }

  undo(): void {
    if (this.history.undo()) this.commit();
  }

  redo(): void {
    if (this.history.redo()) this.commit();
  }

  /** Looks at another place of the volume. */
  moveTo(place: readonly number[]): void {
    this.place = place;
    for (const watcher of this.#watchers) watcher();
  }

  /** Takes the prediction over as what is drawn. */
  takeOver(): void {
    if (!this.labels || !this.prediction) return;
    this.history.add(replace(wholeMap(this.picture!.shape, this.labels), this.prediction.labels));
    this.commit();
  }

  /** Fills what lies between labelled slices of the plane that was drawn in last. @returns whether anything did */
  interpolate(): boolean {
    const { picture, labels, drawnIn } = this;
    const slice = picture && slicesThrough(picture.shape, this.place).find(({ name }) => name === drawnIn);
    if (!slice || !labels) return false;
    const change = replace(wholeMap(picture.shape, labels), interpolated(labels, slice, picture.spacing));
    this.history.add(change);
    if (change) this.commit();
    return change !== undefined;
  }

  get #key(): string {
    return unsentKey(this.project, this.id);
  }

  /** A browser keeps a few megabytes; a volume with very much in it may be more. */
  #keep(text: string): void {
    try {
      localStorage.setItem(this.#key, text);
      this.#kept = true;
    } catch {
      localStorage.removeItem(this.#key);
      this.#kept = false;
    }
  }

  /** One sending at a time; what is drawn meanwhile is sent after it. */
  async #send(): Promise<void> {
    this.#waiting = true;
    if (this.#sending) return;
    this.#sending = true;
    while (this.#waiting && this.labels) {
      this.#waiting = false;
      this.saved = 'saving';
      this.changed();
      const labels = this.labels.slice();
      try {
        const { place, name } = at(this.project);
        this.confirmed = await place.saveDrawn(name, this.id, changesOf(this.#known, labels));
        this.#known = labels;
        this.saved = 'saved';
        this.problem = '';
        // Something newer may lie there by now.
        if (!this.#waiting) localStorage.removeItem(this.#key);
      } catch (error) {
        this.saved = this.#kept ? 'kept here' : 'not kept';
        const kept = this.#kept ? 'but kept in this browser' : 'and too large to keep in this browser';
        this.problem = `Not sent yet, ${kept}: ${messageOf(error)}`;
      }
    }
    this.#sending = false;
    this.changed();
    if (this.#behind) void this.catchUp().catch(() => {});
  }
}

function isSame(before: Uint8Array, after: Uint8Array): boolean {
  return changesOf(before, after).every((value) => value === KEPT);
}
