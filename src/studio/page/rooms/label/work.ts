/**
 * The work on one case: its image, what is drawn, and what was predicted. Every change is kept in this browser at once
 * and then sent to the server; what the server has not confirmed is found again when the page is opened anew.
 */
import { emptyMap, History, type LabelMap, packed, unpacked } from '../../../drawing/map';
import { getFrame, messageOf, sendBytes } from '../../api';
import { loadPicture, type Picture } from '../../parts/picture';

export type Saved = 'saved' | 'saving' | 'kept here';

export class CaseWork {
  readonly project: string;
  readonly id: string;
  readonly path: string;
  readonly history = new History();
  picture: Picture | null = null;
  map: LabelMap | null = null;
  prediction: { readonly labels: Uint8Array; readonly certainty: Uint8Array } | null = null;
  problem = '';
  saved: Saved = 'saved';
  /** Whether the server counts the case as labelled, since it was last told; null before. */
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
      const { arrays } = await getFrame('projects/drawn', this.#query);
      const map = emptyMap(picture.width, picture.height);
      if (arrays.labels) map.data.set(arrays.labels);
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
    const { labels, certainty } = (await getFrame('projects/prediction', this.#query)).arrays;
    this.prediction =
      labels && certainty ? { labels: Uint8Array.from(labels), certainty: Uint8Array.from(certainty) } : null;
    this.changed();
  }

  /** What was drawn is to be kept: at once here, soon on the server. */
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

  get #query(): { project: string; id: string } {
    return { project: this.project, id: this.id };
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
        const { labelled } = await sendBytes<{ labelled: boolean }>(
          'projects/drawn',
          this.#query,
          this.map.data.slice(),
        );
        this.confirmed = labelled;
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
