/** One plane of a case on the desk: the tools at work on its labels. */
import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { alikeInBrightness, alikeInFeatures, type LikeAt } from '../../../drawing/alike';
import { grow, withoutHoles } from '../../../drawing/grow';
import { type Change, mapIn, paint, UNPAINTED } from '../../../drawing/map';
import { brush, polygon } from '../../../drawing/shapes';
import { cut, pixelAt, type Slice, type Spot } from '../../../drawing/slices';
import { messageOf } from '../../api';
import { classColour, cssColour } from '../../parts/colours';
import { Notice } from '../../parts/notice';
import { paintPicture } from '../../parts/picture';
import { type Linked, Plane } from '../../parts/planes';
import type { View, Window } from '../../parts/view';
import type { Pointing } from '../../parts/viewer';
import type { Picture } from '../../place/place';
import { loadFeatures } from './features';
import { certaintyOverlay, classOverlay } from './overlay';
import type { Desk } from './tools';
import type { CaseWork } from './work';

export interface DrawingProps {
  readonly work: CaseWork;
  readonly desk: Desk;
  readonly classes: readonly string[];
  readonly hidden: ReadonlySet<number>;
  /** The run whose features `grow` uses; empty where the project begins from scratch. */
  readonly network: string;
  readonly active: boolean;
  readonly onActive: () => void;
}

interface DrawingPlaneProps extends DrawingProps {
  readonly picture: Picture;
  readonly labels: Uint8Array<ArrayBuffer>;
  readonly linked: Linked;
  readonly slice: Slice;
  readonly view: View;
  readonly window: Window;
  readonly onWindow: (window: Window) => void;
  /** Whether it is the first plane of its case, which says what case it is. */
  readonly first: boolean;
}

/** Pixels of the screen that a click is dragged by to double what is alike. */
const DRAG = 160;
/** A first corner is met within so many pixels of the image. */
const NEAR = 6;

/** A region that is still being sized by dragging. */
interface Sizing {
  readonly x: number;
  readonly likeAt: LikeAt;
  readonly spot: Spot;
  change: Change | undefined;
  share: number;
}

export function DrawingPlane(props: DrawingPlaneProps) {
  const { work, desk, classes, hidden, active, picture, labels, linked, slice, window, first } = props;
  const [corners, setCorners] = useState<readonly Spot[]>([]);
  const [note, setNote] = useState('');
  const pointer = useRef<Spot | null>(null);
  const stroke = useRef<{ last: Spot; mark: number } | null>(null);
  const sizing = useRef<Sizing | null>(null);
  const pressed = useRef(false);
  const [moves, moved] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    setCorners([]);
    setNote('');
  }, [work, slice]);
  const { prediction } = work;
  const map = useMemo(() => mapIn(slice, labels), [slice, labels]);
  const image = useMemo(() => paintPicture(picture, slice, window), [picture, slice, window]);
  const { show, opacity, tool, label, radius } = desk;
  // The labels change in place; the version tells.
  const overlay = useMemo(() => {
    const { width, height } = slice;
    if (show === 'nothing') return null;
    if (show === 'drawn') {
      return classOverlay(width, height, cut(labels, slice), { opacity, hidden, background: true });
    }
    if (!prediction) return null;
    return show === 'prediction'
      ? classOverlay(width, height, cut(prediction.labels, slice), { opacity, hidden })
      : certaintyOverlay(width, height, cut(prediction.certainty, slice), opacity);
  }, [labels, slice, prediction, show, opacity, hidden, work.version]);

  const target = tool === 'erase' ? UNPAINTED : label;
  const only = desk.keepPainted && tool !== 'erase' ? new Set([UNPAINTED]) : undefined;
  const dab = (from: Spot, to: Spot) => {
    work.history.add(paint(map, brush(from, to, radius, map), target, only));
    work.changed();
  };
  const close = () => {
    if (corners.length >= 3) {
      work.history.add(paint(map, polygon(corners, map), label, only));
      work.moveTo(pixelAt(slice, corners[0]!));
      work.commit();
    }
    setCorners([]);
  };
  const size = (going: Sizing, share: number) => {
    if (going.change) work.history.undo();
    going.share = share;
    const region = withoutHoles(grow(map, going.spot, going.likeAt(share)));
    going.change = region.inside.length > 0 ? paint(map, region, target, only) : undefined;
    work.history.add(going.change);
    work.changed();
  };

  const begin = ({ x, y, event }: Pointing) => {
    props.onActive();
    work.drawnIn = slice.name;
    setNote('');
    if (show === 'prediction' || show === 'certainty') {
      setNote('Switch to what is drawn to change it; “Take over” makes the prediction your drawing.');
      return;
    }
    const spot = { x, y };
    if (tool === 'brush' || tool === 'erase') {
      stroke.current = { last: spot, mark: work.history.mark };
      dab(spot, spot);
    } else if (tool === 'polygon') {
      const [start] = corners;
      if (start && corners.length >= 3 && Math.hypot(start.x - x, start.y - y) < NEAR / Math.sqrt(props.view.zoom))
        close();
      else setCorners([...corners, spot]);
    } else {
      const at = event instanceof PointerEvent ? event.clientX : 0;
      const start = (likeAt: LikeAt) => {
        const going: Sizing = { x: at, likeAt, spot, change: undefined, share: 1 };
        size(going, 1);
        // Without a pointer that is down there is nothing to size with.
        if (event instanceof PointerEvent && sizing.current === null && pressed.current) sizing.current = going;
        else work.commit();
      };
      pressed.current = true;
      const values = cut(picture.values, slice);
      if (tool === 'fill') start(alikeInBrightness(values, map, spot));
      else if (props.network === '')
        setNote('Growing by features needs a pretrained network: choose one under Training.');
      else {
        loadFeatures(props.network, work.path, true)
          .then((features) => start(alikeInFeatures(features, values, slice, spot)))
          .catch((error: unknown) => setNote(messageOf(error)));
      }
    }
  };
  const go = ({ x, y, event }: Pointing, down: boolean) => {
    pointer.current = { x, y };
    moved(0);
    if (!down) return;
    if (stroke.current) {
      dab(stroke.current.last, { x, y });
      stroke.current.last = { x, y };
    } else if (sizing.current && event instanceof PointerEvent) {
      size(sizing.current, 2 ** ((event.clientX - sizing.current.x) / DRAG));
    }
  };
  const end = () => {
    pressed.current = false;
    const at = stroke.current?.last ?? sizing.current?.spot;
    if (stroke.current) work.history.join(stroke.current.mark);
    if (at) {
      // The other planes follow to where it was drawn.
      work.moveTo(pixelAt(slice, at));
      work.commit();
    }
    stroke.current = null;
    sizing.current = null;
  };
  const key = (event: KeyboardEvent) => {
    if (tool === 'polygon' && event.key === 'Enter') close();
    else if (tool === 'polygon' && event.key === 'Escape') setCorners([]);
    else return;
    event.preventDefault();
  };
  const draw = (context: CanvasRenderingContext2D, scale: number) => {
    context.drawImage(image, 0, 0);
    if (overlay) {
      context.imageSmoothingEnabled = false;
      context.drawImage(overlay, 0, 0);
    }
    const colour = tool === 'erase' ? '#ffffff' : cssColour(classColour(label));
    context.lineWidth = 1.5 / scale;
    context.strokeStyle = colour;
    if (corners.length > 0) {
      context.beginPath();
      for (const [index, corner] of corners.entries()) {
        if (index === 0) context.moveTo(corner.x, corner.y);
        else context.lineTo(corner.x, corner.y);
      }
      if (pointer.current) context.lineTo(pointer.current.x, pointer.current.y);
      context.stroke();
      context.fillStyle = colour;
      for (const { x, y } of corners) context.fillRect(x - 2.5 / scale, y - 2.5 / scale, 5 / scale, 5 / scale);
    }
    if (pointer.current && (tool === 'brush' || tool === 'erase')) {
      context.beginPath();
      context.arc(pointer.current.x, pointer.current.y, Math.max(0.5, radius), 0, 2 * Math.PI);
      context.stroke();
    }
  };
  const index = pointer.current ? valueAt(picture, slice, pointer.current) : '';
  return (
    <div>
      <Plane
        linked={linked}
        slice={slice}
        class={active ? 'pane-active' : ''}
        view={props.view}
        label={`${work.id}${slice.name && `, ${slice.name}`}: ${desk.tool} with class ${classes[label] ?? label}. Arrows move the cross-hair, Space uses the tool.`}
        version={[overlay, image, moves, corners, desk]}
        draw={draw}
        window={window}
        onWindow={props.onWindow}
        onDown={begin}
        onMove={go}
        onUp={end}
        onLeave={() => {
          pointer.current = null;
          moved(0);
        }}
        onKey={key}
      >
        <div class="caption">
          <span>{first ? work.id : ''}</span>
          <span>{index}</span>
        </div>
        <div class="caption below">
          <span>
            {[slice.across ? `${slice.name} ${slice.across.index + 1}` : '', shownAs(desk, prediction !== null)]
              .filter(Boolean)
              .join(' · ')}
          </span>
          <span>{first && work.saved !== 'saved' ? work.saved : ''}</span>
        </div>
      </Plane>
      {note && <Notice>{note}</Notice>}
    </div>
  );
}

function shownAs({ show }: Desk, predicted: boolean): string {
  if (show === 'drawn') return '';
  return show === 'nothing' ? 'image alone' : predicted ? show : 'no prediction yet';
}

function valueAt({ values }: Picture, slice: Slice, { x, y }: Spot): string {
  if (x < 0 || y < 0 || x >= slice.width || y >= slice.height) return '';
  const value = values[slice.start + Math.floor(y) * slice.down + Math.floor(x) * slice.right]!;
  return `${pixelAt(slice, { x, y }).toReversed().join(', ')}: ${Number(value.toPrecision(4))}`;
}
