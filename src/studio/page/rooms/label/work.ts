/**
 * The work on one case: its image, what is drawn, and what was predicted. Every change is kept in this browser at once
 * and then sent to the project's place; what it has not confirmed is found again when the page is opened anew.
 */
import { emptyMap, History, type LabelMap, packed, unpacked } from '../../../drawing/map';
import { messageOf } from '../../api';
import { loadPicture, type Picture } from '../../parts/picture';
import { at } from '../../place/places';

export type Saved = 'saved' | 'saving' | 'kept here';

export class CaseWork {
  /** The address of the project. */
  readonly project: string;
  readonly id: string;
  /** The address of the image. */
  readonly path: string;
  readonly history = new History();
  picture: Picture | null = null;
  map: LabelMap | null = null;
  prediction: { readonly labels: Uint8Array; readonly certainty: Uint8Array } | null = null;
  problem = '';
  saved: Saved = 'saved';
  /** Whether its place counts the case as labelled, since it was last told; null before. */
  confirmed: boolean | null = null;
  /** Counts changes, so that what shows it knows when to draw again. */
  version = 0;
  readonly #watchers = new Set<() => void>();
  #sending = false;
  #waiting = false;

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
      const map = emptyMap(picture.width, picture.height);
      if (drawn) map.data.set(drawn);
      const unsent = unpacked(localStorage.getItem(this.#key) ?? '', map.data.length);
      if (unsent) map.data.set(unsent);
      this.picture = picture;
      this.map = map;
      this.problem = '';
      if (unsent) void this.#send();
      await this.loadPrediction();
    } catch (error) {
      this.problem = messageOf(error);
    }
    this.changed();
  }

  async loadPrediction(): Promise<void> {
    const { place, name } = at(this.project);
    this.prediction = await place.prediction(name, this.id);
    this.changed();
  }

  /** What was drawn is to be kept: at once here, soon at its place. */
  commit(): void {
    if (!this.map) return;
    localStorage.setItem(this.#key, packed(this.map.data));
    this.changed();
    void this.#send();
  }

  undo(): void {
    if (this.map && this.history.undo(this.map)) this.commit();
  }

  redo(): void {
    if (this.map && this.history.redo(this.map)) this.commit();
  }

  get #key(): string {
    return `cover.unsent.${this.project}/${this.id}`;
  }

  /** One sending at a time; what is drawn meanwhile is sent after it. */
  async #send(): Promise<void> {
    this.#waiting = true;
    if (this.#sending) return;
    this.#sending = true;
    while (this.#waiting && this.map) {
      this.#waiting = false;
      this.saved = 'saving';
      this.changed();
      const text = packed(this.map.data);
      try {
        const { place, name } = at(this.project);
        this.confirmed = await place.saveDrawn(name, this.id, this.map.data.slice());
        this.saved = 'saved';
        this.problem = '';
        // Something newer may lie there by now.
        if (localStorage.getItem(this.#key) === text) localStorage.removeItem(this.#key);
      } catch (error) {
        this.saved = 'kept here';
        this.problem = `Not sent yet, but kept in this browser: ${messageOf(error)}`;
      }
    }
    this.#sending = false;
    this.changed();
  }
}
