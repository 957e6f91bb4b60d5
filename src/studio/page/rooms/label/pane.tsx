/** One case on the desk: its image, and the tools at work on its labels. */
import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { alikeInBrightness, alikeInFeatures, type LikeAt } from '../../../drawing/alike';
import { grow, withoutHoles } from '../../../drawing/grow';
import { type Change, paint, UNPAINTED } from '../../../drawing/map';
import { brush, polygon, type Spot } from '../../../drawing/shapes';
import { messageOf } from '../../api';
import { classColour, cssColour } from '../../parts/colours';
import { Notice } from '../../parts/notice';
import { paintPicture } from '../../parts/picture';
import { type View, WHOLE, type Window } from '../../parts/view';
import { type Pointing, Viewer } from '../../parts/viewer';
import { loadFeatures } from './features';
import { certaintyOverlay, classOverlay } from './overlay';
import type { Desk } from './tools';
import type { CaseWork } from './work';

export interface PaneProps {
  readonly work: CaseWork;
  readonly desk: Desk;
  readonly view: View;
  readonly classes: readonly string[];
  readonly hidden: ReadonlySet<number>;
  /** The run whose features `grow` uses; empty where the project begins from scratch. */
  readonly network: string;
  readonly active: boolean;
  readonly onActive: () => void;
  readonly onKey: (event: KeyboardEvent) => void;
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

export function Pane(props: PaneProps) {
  const { work, desk, view, classes, hidden, active } = props;
  const [, tick] = useReducer((count: number) => count + 1, 0);
  const [window, setWindow] = useState<Window>(WHOLE);
  const [corners, setCorners] = useState<readonly Spot[]>([]);
  const [note, setNote] = useState('');
  const pointer = useRef<Spot | null>(null);
  const stroke = useRef<{ last: Spot; mark: number } | null>(null);
  const sizing = useRef<Sizing | null>(null);
  const pressed = useRef(false);
  const [moves, moved] = useReducer((count: number) => count + 1, 0);
  useEffect(() => work.watch(() => tick(0)), [work]);
  useEffect(() => {
    setCorners([]);
    setNote('');
    setWindow(WHOLE);
  }, [work]);
  const { picture, map, prediction } = work;
  const image = useMemo(() => picture && paintPicture(picture, window), [picture, window]);
  const { show, opacity, tool, label, radius } = desk;
  // The map changes in place; the version tells.
  const overlay = useMemo(() => {
    if (!map || show === 'nothing') return null;
    if (show === 'drawn') return classOverlay(map.width, map.height, map.data, { opacity, hidden, background: true });
    if (!prediction) return null;
    return show === 'prediction'
      ? classOverlay(map.width, map.height, prediction.labels, { opacity, hidden })
      : certaintyOverlay(map.width, map.height, prediction.certainty, opacity);
  }, [map, prediction, show, opacity, hidden, work.version]);

  if (work.problem && !map) return <Notice kind="error">{work.problem}</Notice>;
  if (!picture || !map || !image) return <div class="viewer" aria-busy="true" />;

  const target = tool === 'erase' ? UNPAINTED : label;
  const only = desk.keepPainted && tool !== 'erase' ? new Set([UNPAINTED]) : undefined;
  const dab = (from: Spot, to: Spot) => {
    work.history.add(paint(map, brush(from, to, radius, map), target, only));
    work.changed();
  };
  const close = () => {
    if (corners.length >= 3) {
      work.history.add(paint(map, polygon(corners, map), label, only));
      work.commit();
    }
    setCorners([]);
  };
  const size = (going: Sizing, share: number) => {
    if (going.change) work.history.undo(map);
    going.share = share;
    const region = withoutHoles(grow(map, going.spot, going.likeAt(share)));
    going.change = region.inside.length > 0 ? paint(map, region, target, only) : undefined;
    work.history.add(going.change);
    work.changed();
  };

  const begin = ({ x, y, event }: Pointing) => {
    props.onActive();
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
      const [first] = corners;
      if (first && corners.length >= 3 && Math.hypot(first.x - x, first.y - y) < NEAR / Math.sqrt(view.zoom)) close();
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
      if (tool === 'fill') start(alikeInBrightness(picture.values, map, spot));
      else if (props.network === '')
        setNote('Growing by features needs a pretrained network: choose one under Training.');
      else {
        loadFeatures(props.network, work.path, true)
          .then((features) => start(alikeInFeatures(features, picture.values, map, spot)))
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
    if (stroke.current) work.history.join(stroke.current.mark, map);
    if (stroke.current || sizing.current) work.commit();
    stroke.current = null;
    sizing.current = null;
  };
  const key = (event: KeyboardEvent) => {
    if (tool === 'polygon' && event.key === 'Enter') close();
    else if (tool === 'polygon' && event.key === 'Escape') setCorners([]);
    else {
      props.onKey(event);
      return;
    }
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
  const index = pointer.current ? valueAt(work, pointer.current) : '';
  return (
    <div>
      <Viewer
        class={active ? 'pane-active' : ''}
        width={map.width}
        height={map.height}
        view={view}
        label={`${work.id}: ${desk.tool} with class ${classes[label] ?? label}. Arrows move the cross-hair, Space uses the tool.`}
        version={[overlay, image, moves, corners, desk]}
        draw={draw}
        window={window}
        onWindow={setWindow}
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
          <span>{work.id}</span>
          <span>{index}</span>
        </div>
        <div class="caption below">
          <span>
            {show === 'drawn' ? '' : show === 'nothing' ? 'image alone' : prediction ? show : 'no prediction yet'}
          </span>
          <span>{work.saved === 'saved' ? '' : work.saved}</span>
        </div>
      </Viewer>
      {(note || work.problem) && <Notice kind={work.problem ? 'error' : 'info'}>{note || work.problem}</Notice>}
    </div>
  );
}

function valueAt({ picture, map }: CaseWork, { x, y }: Spot): string {
  if (!picture || !map || x < 0 || y < 0 || x >= map.width || y >= map.height) return '';
  const pixel = Math.floor(y) * map.width + Math.floor(x);
  const value = picture.values[pixel]!;
  return `${Math.floor(x)}, ${Math.floor(y)}: ${Number(value.toPrecision(4))}`;
}
