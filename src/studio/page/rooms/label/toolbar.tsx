/** The tools to draw with. */
import { type Desk, shownPlanes, toolFacts, tools } from './tools';

interface ToolsProps {
  readonly desk: Desk;
  readonly set: (part: Partial<Desk>) => void;
  /** Whether a volume is on the desk. */
  readonly solid: boolean;
}

export function Tools({ desk, set, solid }: ToolsProps) {
  const sized = desk.tool === 'brush' || desk.tool === 'erase';
  return (
    <div>
      <div class="tools" role="toolbar" aria-label="Tools">
        {tools.map((tool) => (
          <button type="button" key={tool} aria-pressed={desk.tool === tool} onClick={() => set({ tool })}>
            {toolFacts[tool].title} <kbd>{toolFacts[tool].key.toUpperCase()}</kbd>
          </button>
        ))}
        <label class="check small">
          size
          <input
            type="range"
            min="0.5"
            max="60"
            step="0.5"
            value={desk.radius}
            disabled={!sized}
            onInput={(event) => set({ radius: Number(event.currentTarget.value) })}
          />
        </label>
        <label class="check small">
          <input type="checkbox" checked={desk.keepPainted} onChange={() => set({ keepPainted: !desk.keepPainted })} />
          keep what is painted
        </label>
        {solid && (
          <label class="check small">
            planes
            <select
              value={desk.planes}
              onChange={(event) => set({ planes: event.currentTarget.value as Desk['planes'] })}
            >
              {shownPlanes.map((one) => (
                <option key={one} value={one}>
                  {one === 'three' ? 'all three' : `${one} alone`}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      <p class="small quiet help">{toolFacts[desk.tool].help}</p>
    </div>
  );
}
