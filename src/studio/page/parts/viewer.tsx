/**
 * A viewer: a canvas in which an image is zoomed and moved. The wheel zooms, or with slices goes through them and zooms
 * with Ctrl; the middle button (or Shift) moves, the right button sets window and level, the left one belongs to the
 * room. With the keyboard: + − 0 zoom, the arrows move a cross-hair, Page Up and Page Down go through slices.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { Spot } from '../../drawing/slices';
import type { View, Window } from './view';

/** A place in pixels of the image; the first pixel reaches from 0 to 1. */
export interface Pointing extends Spot {
  readonly event: PointerEvent | KeyboardEvent;
}

export interface ViewerProps {
  /** Extents of the image in pixels. */
  readonly width: number;
  readonly height: number;
  readonly view: View;
  /** How high a pixel is where it is 1 wide; 1 where it is absent. */
  readonly ratio?: number;
  /** What it shows, for those who do not see it. */
  readonly label: string;
  /** Draws in pixels of the image; `scale` is how many pixels of the screen one has. */
  readonly draw: (context: CanvasRenderingContext2D, scale: number) => void;
  /** The canvas is drawn again when this is another. */
  readonly version: unknown;
  readonly window?: Window;
  readonly onWindow?: (window: Window) => void;
  readonly onDown?: (at: Pointing) => void;
  /** While the left button is down, and else on the way. */
  readonly onMove?: (at: Pointing, down: boolean) => void;
  readonly onUp?: (at: Pointing) => void;
  readonly onLeave?: () => void;
  /** Goes through slices by so many. */
  readonly onScroll?: (slices: number) => void;
  /** Where Ctrl and the left button point to. */
  readonly onPick?: (at: Spot) => void;
  /** Keys that the viewer does not take itself. */
  readonly onKey?: (event: KeyboardEvent, at: Spot) => void;
  readonly cursor?: string;
  readonly class?: string;
  readonly children?: ComponentChildren;
}

type Drag =
  | { readonly kind: 'room' }
  | { readonly kind: 'pick' }
  | { readonly kind: 'pan'; x: number; y: number }
  | { readonly kind: 'window'; x: number; y: number };

export function Viewer(props: ViewerProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const latest = useRef(props);
  latest.current = props;
  const drag = useRef<Drag | null>(null);
  const cross = useRef<Spot | null>(null);
  const fingers = useRef(new Map<number, Spot>());
  const asked = useRef(0);

  const redraw = () => {
    if (asked.current !== 0) return;
    asked.current = requestAnimationFrame(() => {
      asked.current = 0;
      if (canvas.current) drawAll(canvas.current, latest.current, cross.current);
    });
  };
  // Whatever `version` says, it is drawn again.
  useEffect(redraw, [props.version, props.width, props.height, props.ratio]);
  // The pointer may be over it before it is drawn: its places are right from the first moment.
  useLayoutEffect(() => fitPixels(canvas.current as HTMLCanvasElement), []);
  // `redraw` reads what is newest.
  useEffect(() => {
    const element = canvas.current as HTMLCanvasElement;
    const fit = new ResizeObserver(() => {
      fitPixels(element);
      // A canvas that changed its size is empty: it is drawn at once, so that nothing flickers.
      drawAll(element, latest.current, cross.current);
    });
    fit.observe(element);
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const { onScroll } = latest.current;
      if (onScroll && !event.ctrlKey) onScroll(Math.sign(event.deltaY));
      else zoomAt(element, latest.current, event, Math.exp(-event.deltaY * 0.0015));
    };
    element.addEventListener('wheel', wheel, { passive: false });
    const unwatch = latest.current.view.watch(redraw);
    return () => {
      fit.disconnect();
      element.removeEventListener('wheel', wheel);
      unwatch();
      cancelAnimationFrame(asked.current);
      asked.current = 0;
    };
  }, [props.view]);

  const placed = (event: PointerEvent): Pointing => ({
    ...imagePlace(canvas.current as HTMLCanvasElement, latest.current, event),
    event,
  });

  const down = (event: PointerEvent) => {
    const element = canvas.current as HTMLCanvasElement;
    element.setPointerCapture(event.pointerId);
    cross.current = null;
    if (event.pointerType === 'touch') fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const at = { x: event.clientX, y: event.clientY };
    if (fingers.current.size === 2) drag.current = null;
    else if (event.button === 1 || (event.button === 0 && event.shiftKey)) drag.current = { kind: 'pan', ...at };
    else if (event.button === 2) drag.current = { kind: 'window', ...at };
    else if (event.button === 0 && (event.ctrlKey || event.metaKey) && latest.current.onPick) {
      drag.current = { kind: 'pick' };
      latest.current.onPick(placed(event));
    } else {
      drag.current = { kind: 'room' };
      latest.current.onDown?.(placed(event));
    }
  };
  const move = (event: PointerEvent) => {
    const element = canvas.current as HTMLCanvasElement;
    if (fingers.current.size === 2 && fingers.current.has(event.pointerId)) {
      pinch(element, latest.current, fingers.current, event);
      return;
    }
    const going = drag.current;
    if (!going) {
      latest.current.onMove?.(placed(event), false);
      return;
    }
    if (going.kind === 'room') {
      // All places since the last frame: a stroke that is drawn fast keeps its bends.
      const way = event.getCoalescedEvents?.() ?? [];
      for (const one of way.length > 0 ? way : [event]) latest.current.onMove?.(placed(one), true);
      return;
    }
    if (going.kind === 'pick') {
      latest.current.onPick?.(placed(event));
      return;
    }
    const [dx, dy] = [event.clientX - going.x, event.clientY - going.y];
    going.x = event.clientX;
    going.y = event.clientY;
    if (going.kind === 'pan') pan(element, latest.current, dx, dy);
    else {
      const { window, onWindow } = latest.current;
      if (!window) return;
      const width = Math.max(0.01, window.width * Math.exp(dx * 0.005));
      onWindow?.({ width, level: Math.min(1, Math.max(0, window.level + dy * 0.002)) });
    }
  };
  const up = (event: PointerEvent) => {
    fingers.current.delete(event.pointerId);
    if (drag.current?.kind === 'room') latest.current.onUp?.(placed(event));
    drag.current = null;
  };
  const key = (event: KeyboardEvent) => {
    const { view, width, height, onKey, onMove, onDown, onUp, onScroll } = latest.current;
    const at = cross.current ?? { x: view.x * width, y: view.y * height };
    const step = event.shiftKey ? 10 : 1;
    const arrows: Record<string, readonly [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const arrow = arrows[event.key];
    if (arrow) {
      const next = {
        x: Math.min(width - 0.5, Math.max(0.5, at.x + arrow[0])),
        y: Math.min(height - 0.5, Math.max(0.5, at.y + arrow[1])),
      };
      cross.current = next;
      onMove?.({ ...next, event }, false);
    } else if (event.key === ' ') {
      cross.current = at;
      onDown?.({ ...at, event });
      onUp?.({ ...at, event });
    } else if (event.key === '+' || event.key === '=') view.set(view.zoom * 1.25, view.x, view.y);
    else if (event.key === '-') view.set(view.zoom / 1.25, view.x, view.y);
    else if (event.key === '0') view.reset();
    else if (onScroll && (event.key === 'PageUp' || event.key === 'PageDown'))
      onScroll(event.key === 'PageUp' ? -1 : 1);
    else {
      onKey?.(event, at);
      return;
    }
    event.preventDefault();
    redraw();
  };
  return (
    <div
      class={`viewer ${props.class ?? ''}`}
      ref={box}
      style={{ aspectRatio: `${Math.max(1, props.width)} / ${Math.max(1, props.height * (props.ratio ?? 1))}` }}
    >
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it takes keys as a drawing program does. */}
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label={props.label}
        style={{ cursor: props.cursor ?? 'crosshair' }}
        onPointerDown={down}
        onPointerMove={move}
        onPointerUp={up}
        onPointerCancel={up}
        onPointerLeave={() => latest.current.onLeave?.()}
        onContextMenu={(event) => event.preventDefault()}
        onKeyDown={key}
        onDblClick={(event) => event.preventDefault()}
      />
      {props.children}
    </div>
  );
}

/** Gives the canvas as many pixels as it has on the screen. */
function fitPixels(canvas: HTMLCanvasElement): void {
  const density = devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(canvas.clientWidth * density));
  canvas.height = Math.max(1, Math.round(canvas.clientHeight * density));
}

/** Pixels of the canvas that one pixel of the image has along x and y, and where its first one lies. */
function placement(canvas: HTMLCanvasElement, { width, height, view, ratio = 1 }: ViewerProps) {
  const scale = Math.min(canvas.width / width, canvas.height / (height * ratio)) * view.zoom;
  return {
    scale,
    down: scale * ratio,
    left: canvas.width / 2 - view.x * width * scale,
    top: canvas.height / 2 - view.y * height * scale * ratio,
  };
}

function imagePlace(canvas: HTMLCanvasElement, props: ViewerProps, { clientX, clientY }: MouseEvent): Spot {
  const { scale, down, left, top } = placement(canvas, props);
  const bounds = canvas.getBoundingClientRect();
  const density = canvas.width / bounds.width;
  return {
    x: ((clientX - bounds.left) * density - left) / scale,
    y: ((clientY - bounds.top) * density - top) / down,
  };
}

function zoomAt(canvas: HTMLCanvasElement, props: ViewerProps, event: MouseEvent, factor: number): void {
  const { view, width, height } = props;
  const at = imagePlace(canvas, props, event);
  const zoom = Math.min(40, Math.max(1, view.zoom * factor));
  const share = view.zoom / zoom;
  // What is under the pointer stays there.
  view.set(zoom, at.x / width + (view.x - at.x / width) * share, at.y / height + (view.y - at.y / height) * share);
}

function pan(canvas: HTMLCanvasElement, props: ViewerProps, dx: number, dy: number): void {
  const { scale, down } = placement(canvas, props);
  const density = canvas.width / canvas.clientWidth;
  const { view, width, height } = props;
  view.set(view.zoom, view.x - (dx * density) / scale / width, view.y - (dy * density) / down / height);
}

/** Two fingers move and zoom. */
function pinch(canvas: HTMLCanvasElement, props: ViewerProps, fingers: Map<number, Spot>, event: PointerEvent): void {
  const [, other] = [...fingers].find(([id]) => id !== event.pointerId)!;
  const before = fingers.get(event.pointerId) as Spot;
  const now = { x: event.clientX, y: event.clientY };
  const distance = (place: Spot) => Math.max(8, Math.hypot(place.x - other.x, place.y - other.y));
  zoomAt(canvas, props, event, distance(now) / distance(before));
  pan(canvas, props, (now.x - before.x) / 2, (now.y - before.y) / 2);
  fingers.set(event.pointerId, now);
}

function drawAll(canvas: HTMLCanvasElement, props: ViewerProps, cross: Spot | null): void {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const { scale, down, left, top } = placement(canvas, props);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.setTransform(scale, 0, 0, down, left, top);
  // Magnified pixels are shown as they are.
  context.imageSmoothingEnabled = scale < 3;
  props.draw(context, scale);
  if (!cross) return;
  context.lineWidth = 1.5 / scale;
  context.strokeStyle = '#ffb454';
  const arm = 12 / scale;
  context.beginPath();
  context.moveTo(cross.x - arm, cross.y);
  context.lineTo(cross.x + arm, cross.y);
  context.moveTo(cross.x, cross.y - arm);
  context.lineTo(cross.x, cross.y + arm);
  context.stroke();
}
