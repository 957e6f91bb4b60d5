/** The settings of one run, or in what the settings of several differ. */
import { useMemo, useState } from 'preact/hooks';
import type { RunSettings } from '../../../shared/protocol';
import { useLoaded } from '../../hooks';
import { Notice } from '../../parts/notice';
import { Scroll } from '../../parts/scroll';
import { at, titleOf } from '../../place/places';

export function Settings({ shown }: { shown: readonly string[] }) {
  const { value, error } = useLoaded(shown.join('|'), () =>
    Promise.all(shown.map((run) => at(run).place.settings(at(run).name))),
  );
  const [all, setAll] = useState(false);
  const rows = useMemo(() => rowsOf(value ?? [], all || shown.length === 1), [value, all, shown]);
  return (
    <section class="panel" aria-label="Settings">
      <div class="row spread">
        <h2>{shown.length > 1 ? 'Settings that differ' : 'Settings'}</h2>
        {shown.length > 1 && (
          <label class="check small quiet">
            <input type="checkbox" checked={all} onChange={() => setAll(!all)} /> all
          </label>
        )}
      </div>
      {error && <Notice kind="error">{error}</Notice>}
      {value && rows.length === 0 && <p class="quiet">They agree in everything.</p>}
      {rows.length > 0 && (
        <Scroll class="settings" label="Table of settings">
          <table>
            <thead>
              <tr>
                <th scope="col">Setting</th>
                {shown.map((id) => (
                  <th scope="col" key={id}>
                    {titleOf(id)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {rows.map(([key, values]) => (
                <tr key={key}>
                  <th scope="row">{key}</th>
                  {values.map((text, index) => (
                    <td key={shown[index]}>{text}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </section>
  );
}

function rowsOf(runs: readonly RunSettings[], all: boolean): [string, string[]][] {
  const keys = [...new Set(runs.flatMap(({ settings }) => Object.keys(settings)))].sort();
  return keys.flatMap((key): [string, string[]][] => {
    const values = runs.map(({ settings }) => settings[key] ?? '');
    return all || new Set(values).size > 1 ? [[key, values]] : [];
  });
}
