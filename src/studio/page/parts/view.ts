/** Where one looks: viewers that share a view zoom and pan together, whatever the extents of their images. */
export class View {
  /** 1 shows the whole image. */
  zoom = 1;
  /** The place of the image in the middle of the viewer, as shares of its extents. */
  x = 0.5;
  y = 0.5;
  readonly #watchers = new Set<() => void>();

  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  set(zoom: number, x: number, y: number): void {
    this.zoom = Math.min(40, Math.max(1, zoom));
    const margin = this.zoom > 1 ? 0 : 0.5;
    this.x = Math.min(1 - margin, Math.max(margin, x));
    this.y = Math.min(1 - margin, Math.max(margin, y));
    for (const watcher of this.#watchers) watcher();
  }

  reset(): void {
    this.set(1, 0.5, 0.5);
  }
}

/** A view for each plane of a volume: an axial plane is looked at elsewhere than a coronal one. */
export class Views {
  readonly #views = new Map<string, View>();

  /** @param plane its name; empty for an image */
  of(plane: string): View {
    const known = this.#views.get(plane);
    if (known) return known;
    const view = new View();
    this.#views.set(plane, view);
    return view;
  }

  reset(): void {
    for (const view of this.#views.values()) view.reset();
  }
}

/** Which stored values are black and white: shares of the range of an image. */
export interface Window {
  readonly level: number;
  readonly width: number;
}

export const WHOLE: Window = { level: 0.5, width: 1 };
