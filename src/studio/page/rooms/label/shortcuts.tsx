/** The keys of the desk: what each does, and the line that says so. */
import { useEffect, useRef } from 'preact/hooks';
import { type Desk, toolFacts, tools } from './tools';

interface Shortcuts {
  /** How many classes there are, the background included. */
  readonly classes: number;
  undo(): void;
  redo(): void;
  /** Opens the case that is proposed. */
  next(): void;
  interpolate(): void;
  /** Keys come faster than the page is drawn: each goes on from what the one before it set. */
  turn(change: (before: Desk) => Partial<Desk>): void;
}

export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  latest.current = shortcuts;
  useEffect(() => {
    const typed = (event: KeyboardEvent) => {
      if (event.altKey || isField(event.target)) return;
      if (pressed(event, latest.current)) event.preventDefault();
    };
    addEventListener('keydown', typed);
    return () => removeEventListener('keydown', typed);
  }, []);
}

/** Whether keys are text there: a class or a size that was chosen with the pointer keeps the focus, but takes none. */
function isField(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement && /^(radio|checkbox|range)$/.test(target.type)) return false;
  return target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
}

/** Does what a key asks for; false where it asks for nothing. */
function pressed(event: KeyboardEvent, { classes, undo, redo, next, interpolate, turn }: Shortcuts): boolean {
  const key = event.key.toLowerCase();
  const tool = tools.find((one) => toolFacts[one].key === key);
  if (key === 'z' && event.shiftKey) redo();
  else if (key === 'z') undo();
  else if (key === 'y') redo();
  else if (event.ctrlKey || event.metaKey) return false;
  else if (key === '[') turn(({ radius }) => ({ radius: Math.max(0.5, radius / 1.25) }));
  else if (key === ']') turn(({ radius }) => ({ radius: Math.min(200, radius * 1.25) }));
  else if (key === 'n') next();
  else if (key === 'i') interpolate();
  else if (key === 'h') turn(({ show }) => ({ show: show === 'nothing' ? 'drawn' : 'nothing' }));
  else if (key === 'x') turn(({ show }) => ({ show: show === 'prediction' ? 'drawn' : 'prediction' }));
  else if (/^\d$/.test(key) && Number(key) < classes) turn(() => ({ label: Number(key) }));
  else if (tool) turn(() => ({ tool }));
  else return false;
  return true;
}

export function Keys({ solid }: { solid: boolean }) {
  const all = [
    ['1 … 9', 'class'],
    ['[ ]', 'size'],
    ['Z, ⇧Z', 'undo, redo'],
    ['X', 'prediction'],
    ['H', 'image alone'],
    ['N', 'next case'],
    ['+ − 0', 'zoom'],
    ...(solid
      ? [
          ['I', 'interpolate'],
          ['Page ↑ ↓', 'slices'],
        ]
      : []),
  ];
  return (
    <p class="keys small quiet">
      {all.map(([key, what]) => (
        <span key={key}>
          <kbd>{key}</kbd> {what}
        </span>
      ))}
      <span>
        {solid ? 'wheel goes through slices, with Ctrl it zooms, Ctrl-click moves the planes' : 'wheel zooms'},
        Shift-drag moves, right-drag sets window and level
      </span>
    </p>
  );
}
