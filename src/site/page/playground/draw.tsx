/** Step 1: phantoms are drawn. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from '../../../studio/page/api';
import { Notice } from '../../../studio/page/parts/notice';
import { painted } from '../../../studio/page/parts/picture';
import type { Place } from '../../../studio/page/place/place';
import { drawPhantoms, phantom, SIDE } from './phantoms';

const amounts = [12, 24, 48, 96];
/** Phantoms that are shown. */
const SHOWN = 6;

export interface DrawProps {
  readonly place: Place;
  /** Phantoms that are there. */
  readonly count: number;
  readonly onDrawn: () => void;
}

export function Draw({ place, count, onDrawn }: DrawProps) {
  const more = amounts.filter((one) => one > count);
  const [chosen, setWanted] = useState(48);
  const wanted = more.includes(chosen) ? chosen : (more[0] ?? 0);
  const [done, setDone] = useState<number | null>(null);
  const [problem, setProblem] = useState('');
  const draw = async () => {
    setProblem('');
    setDone(0);
    await drawPhantoms(place, wanted, setDone).catch((error: unknown) => setProblem(messageOf(error)));
    setDone(null);
    onDrawn();
  };
  return (
    <>
      <p class="quiet">
        Chests as radiographs show them, no two alike, computed from formulas. Nothing is fetched, and no patient is in
        them. Images of your own go the same way in the rooms <a href="#/start">Start a run</a> and{' '}
        <a href="#/label">Label and train</a>.
      </p>
      <div class="row">
        {(more.length > 0 || done !== null) && (
          <>
            <label class="field">
              {count === 0 ? 'How many' : 'How many in all'}
              <select
                value={wanted}
                disabled={done !== null}
                onChange={(event) => setWanted(Number(event.currentTarget.value))}
              >
                {more.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </label>
            <button type="button" class={count === 0 ? 'main' : ''} disabled={done !== null} onClick={draw}>
              {count === 0 ? 'Draw phantoms' : 'Draw more'}
            </button>
          </>
        )}
        <span class="small quiet" role="status">
          {done !== null ? `${done} of ${wanted}` : count > 0 ? `${count} phantoms of ${SIDE} × ${SIDE} pixels` : ''}
        </span>
      </div>
      {problem && <Notice kind="error">{problem}</Notice>}
      {count > 0 && (
        <div class="thumbs">
          {Array.from({ length: Math.min(SHOWN, count) }, (_, subject) => (
            <Thumb key={subject} subject={subject} />
          ))}
        </div>
      )}
    </>
  );
}

function Thumb({ subject }: { subject: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const { gray } = phantom(subject);
    const image = painted(SIDE, SIDE, (data) => {
      for (const [pixel, value] of gray.entries()) data.set([value, value, value, 255], 4 * pixel);
    });
    canvas.current?.getContext('2d')?.drawImage(image, 0, 0);
  }, [subject]);
  return <canvas ref={canvas} width={SIDE} height={SIDE} role="img" aria-label={`Phantom ${subject + 1}`} />;
}
