/**
 * The planes of an image: its own one, or of a volume the axial, coronal and sagittal ones through a place that all
 * share. Lines show where the others run; Ctrl and a click, the wheel, Page Up and Page Down and the sliders move it.
 */
import type { ComponentChildren } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { pixelAt, type Slice, slicesThrough, spotOf } from '../../drawing/slices';
import type { View, Views } from './view';
import { Viewer, type ViewerProps } from './viewer';

/** A place of a grid, an index on each axis, and what moves it. */
export interface Linked {
  readonly shape: readonly number[];
  /** Edges of a pixel along the axes. */
  readonly spacing: readonly number[];
  readonly place: readonly number[];
  readonly onPlace: (place: readonly number[]) => void;
}

/** The colours of the lines in which each plane is seen in the others. */
const LINES: Readonly<Record<string, string>> = { axial: '#ff6384', coronal: '#76d68a', sagittal: '#4fb3ff' };

export function middleOf(shape: readonly number[]): number[] {
  return shape.map((extent) => Math.floor(extent / 2));
}

type Own = 'width' | 'height' | 'ratio' | 'view' | 'draw' | 'onScroll' | 'onPick';

export interface PlaneProps extends Omit<ViewerProps, Own> {
  readonly linked: Linked;
  readonly slice: Slice;
  readonly view: View;
  readonly draw: ViewerProps['draw'];
}

/** One plane in a viewer. Where the room takes no clicks, they move the place. */
export function Plane({ linked, slice, draw, version, onDown, onMove, ...rest }: PlaneProps) {
  const { shape, spacing, place, onPlace } = linked;
  const { across, axes, width, height } = slice;
  const ratio = spacing[axes[0]]! / spacing[axes[1]]!;
  const pick = (spot: { x: number; y: number }) => onPlace(pixelAt(slice, spot));
  const moves = across ? { onPick: pick, onScroll: (by: number) => onPlace(moved(linked, across.axis, by)) } : {};
  const picks = across && !onDown && !onMove;
  return (
    <Viewer
      {...rest}
      {...moves}
      {...(picks ? { onDown: pick, onMove: (at, down) => down && pick(at) } : {})}
      {...(onDown ? { onDown } : {})}
      {...(onMove ? { onMove } : {})}
      width={width}
      height={height}
      ratio={ratio}
      version={useSame([version, place].flat())}
      draw={(context, scale) => {
        draw(context, scale);
        if (across) drawLines(context, slice, shape, place, scale);
      }}
    />
  );
}

type Draw = (context: CanvasRenderingContext2D, scale: number) => void;

/** What is drawn of a plane. */
export interface Layer {
  /** As many values each time. */
  readonly version: readonly unknown[];
  /** What is drawn, in pixels of the plane; kept until the plane or a value of the version is another. */
  readonly paint: (slice: Slice) => Draw | null;
  /** 1 where it is absent; another one paints nothing anew. */
  readonly opacity?: number;
}

/** `version` and `paint` are the lowest layer. */
export interface PlanesProps extends Omit<Layer, 'opacity'> {
  readonly linked: Linked;
  readonly views: Views;
  /** What is shown, without the name of the plane. */
  readonly title: string;
  /** What lies over it, as many layers each time. */
  readonly over?: readonly Layer[];
  readonly window?: ViewerProps['window'];
  readonly onWindow?: ViewerProps['onWindow'];
  /** What else the viewer of a plane is given. */
  readonly viewer?: (slice: Slice) => Partial<Pick<ViewerProps, 'onDown' | 'onMove' | 'onUp' | 'onLeave' | 'label'>>;
  readonly caption?: ComponentChildren;
}

/** All planes of an image beside one another. */
export function Planes({ linked, views, title, viewer, caption, window, onWindow, ...lowest }: PlanesProps) {
  const { version, paint, over = [] } = lowest;
  const slices = useSlices(linked);
  return (
    <fieldset class={slices.length > 1 ? 'planes' : 'planes one'} aria-label={title}>
      {slices.map((slice, index) => (
        <Painted
          key={slice.name}
          linked={linked}
          slice={slice}
          view={views.of(slice.name)}
          label={slice.name ? `${title}, ${slice.name}` : title}
          layers={[{ version, paint }, ...over]}
          {...(window ? { window } : {})}
          {...(onWindow ? { onWindow } : {})}
          {...viewer?.(slice)}
        >
          <div class="caption">
            <span>{index === 0 ? title : ''}</span>
            <span>{index === slices.length - 1 ? caption : ''}</span>
          </div>
          {slice.across && (
            <div class="caption below">
              <span>{slice.name}</span>
              <span>{slice.across.index + 1}</span>
            </div>
          )}
        </Painted>
      ))}
    </fieldset>
  );
}

function Painted({ layers, ...rest }: Omit<PlaneProps, 'draw' | 'version'> & { readonly layers: readonly Layer[] }) {
  const { slice } = rest;
  const kept = useRef<{ readonly key: readonly unknown[]; readonly draw: Draw | null }[]>([]);
  // `paint` is another function each time; what it paints is told by the version.
  kept.current = layers.map(({ version, paint }, index) => {
    const key = [slice, ...version];
    const known = kept.current[index];
    return known?.key.every((value, at) => value === key[at]) ? known : { key, draw: paint(slice) };
  });
  const drawn = kept.current;
  const draw: Draw = (context, scale) => {
    for (const [index, { draw: layer }] of drawn.entries()) {
      context.save();
      context.globalAlpha = layers[index]!.opacity ?? 1;
      layer?.(context, scale);
      context.restore();
    }
  };
  const version = [...drawn.map((layer) => layer.draw), ...layers.map(({ opacity }) => opacity)];
  return <Plane {...rest} draw={draw} version={version} />;
}

/** The same list until one of its values is another. */
function useSame(list: readonly unknown[]): readonly unknown[] {
  const kept = useRef(list);
  if (list.length !== kept.current.length || list.some((value, index) => value !== kept.current[index])) {
    kept.current = list;
  }
  return kept.current;
}

/** The planes through the place; a plane stays the same object while the place moves within it. */
export function useSlices({ shape, place }: Linked): readonly Slice[] {
  const all = useMemo(() => new Map<string, Slice>(), [shape]);
  return slicesThrough(shape, place).map((slice) => {
    const known = all.get(slice.name);
    if (known && known.across?.index === slice.across?.index) return known;
    all.set(slice.name, slice);
    return slice;
  });
}

/** A slider for each plane of a volume; nothing for an image. */
export function PlaceSliders({ linked }: { linked: Linked }) {
  const { shape, place, onPlace } = linked;
  if (shape.length === 2) return null;
  return (
    <div class="row">
      {slicesThrough(shape, place).map(({ name, across }) => {
        const { axis, index } = across!;
        return (
          <label class="check small" key={name}>
            <span class="swatch" style={{ background: LINES[name] }} />
            {name}
            <input
              type="range"
              min="1"
              max={shape[axis]}
              step="1"
              value={index + 1}
              onInput={(event) => onPlace(place.with(axis, Number(event.currentTarget.value) - 1))}
            />
            <span class="slice-number">
              {index + 1} of {shape[axis]}
            </span>
          </label>
        );
      })}
    </div>
  );
}

function moved({ shape, place }: Linked, axis: number, by: number): number[] {
  return place.with(axis, Math.min(shape[axis]! - 1, Math.max(0, place[axis]! + by)));
}

/** The lines of the other planes, which leave the place itself free. */
function drawLines(
  context: CanvasRenderingContext2D,
  slice: Slice,
  shape: readonly number[],
  place: readonly number[],
  scale: number,
): void {
  const { x, y } = spotOf(slice, place);
  const gap = 10 / scale;
  context.globalAlpha = 0.55;
  context.lineWidth = 1 / scale;
  for (const other of slicesThrough(shape, place)) {
    const axis = other.across!.axis;
    if (axis === slice.across?.axis) continue;
    context.strokeStyle = LINES[other.name]!;
    context.beginPath();
    if (axis === slice.axes[0]) {
      context.moveTo(0, y);
      context.lineTo(x - gap, y);
      context.moveTo(x + gap, y);
      context.lineTo(slice.width, y);
    } else {
      context.moveTo(x, 0);
      context.lineTo(x, y - gap);
      context.moveTo(x, y + gap);
      context.lineTo(x, slice.height);
    }
    context.stroke();
  }
  context.globalAlpha = 1;
}
