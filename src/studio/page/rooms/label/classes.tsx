/** The classes of a project: their names, which one is painted, which are hidden, how they lie over the image. */
import { useState } from 'preact/hooks';
import { classColour, cssColour } from '../../parts/colours';
import { type Desk, shownLayers, shownTitles } from './tools';

interface ClassesProps {
  readonly classes: readonly string[];
  readonly desk: Desk;
  readonly set: (part: Partial<Desk>) => void;
  readonly hidden: ReadonlySet<number>;
  readonly setHidden: (hidden: ReadonlySet<number>) => void;
  /** Names that are to be those of the classes. */
  readonly onClasses: (classes: readonly string[]) => void;
}

export function Classes(props: ClassesProps) {
  const { desk, set } = props;
  return (
    <section class="panel" aria-label="Classes">
      <h2>Classes</h2>
      <ClassList {...props} />
      <ClassNames key={props.classes.join('\n')} {...props} />
      <label class="field">
        Show
        <select value={desk.show} onChange={(event) => set({ show: event.currentTarget.value as Desk['show'] })}>
          {shownLayers.map((one) => (
            <option key={one} value={one}>
              {shownTitles[one]}
            </option>
          ))}
        </select>
      </label>
      <label class="field">
        Opacity
        <input
          type="range"
          min="0.1"
          max="1"
          step="0.05"
          value={desk.opacity}
          onInput={(event) => set({ opacity: Number(event.currentTarget.value) })}
        />
      </label>
    </section>
  );
}

function ClassList({ classes, desk, set, hidden, setHidden }: ClassesProps) {
  const toggle = (label: number) => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    setHidden(next);
  };
  return (
    <div class="class-list" role="radiogroup" aria-label="Class to paint">
      {classes.map((name, label) => (
        <div class="row spread" key={name}>
          <label>
            <input type="radio" name="class" checked={desk.label === label} onChange={() => set({ label })} />
            <span class="swatch" style={{ background: cssColour(classColour(label)) }} />
            {name} {label < 10 ? <kbd>{label}</kbd> : <span class="quiet">{label}</span>}
          </label>
          <button type="button" class="plain small" aria-pressed={hidden.has(label)} onClick={() => toggle(label)}>
            {hidden.has(label) ? 'hidden' : 'hide'}
            <span class="hidden-label"> {name}</span>
          </button>
        </div>
      ))}
    </div>
  );
}

function ClassNames({ classes, onClasses }: Pick<ClassesProps, 'classes' | 'onClasses'>) {
  const [background = '', ...own] = classes;
  const [text, setText] = useState(own.join('\n'));
  const names = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return (
    <details>
      <summary>Rename or add</summary>
      <form
        class="room-tight"
        onSubmit={(event) => {
          event.preventDefault();
          onClasses([background, ...names]);
        }}
      >
        <label class="field">
          Classes beside the {background}, one a line
          <textarea
            rows={Math.min(12, own.length + 2)}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <p class="small quiet">The first line is class 1 of what is drawn, the second class 2.</p>
        <button type="submit" disabled={names.join('\n') === own.join('\n')}>
          Save the classes
        </button>
      </form>
    </details>
  );
}
