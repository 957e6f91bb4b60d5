/** The points that were kept, as a table. */
import { runColour } from '../../parts/colours';

/** Places in pixels, an index on each axis. */
export interface Pin {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly similarity: number;
}

export function Pins({ pins }: { pins: readonly Pin[] }) {
  const solid = pins[0]!.from.length === 3;
  const axes = solid ? 'x y z' : 'x y';
  return (
    <section class="panel" aria-label="Points">
      <table>
        <thead>
          <tr>
            <th scope="col">Point</th>
            <th scope="col" class="number">
              first, {axes}
            </th>
            <th scope="col" class="number">
              second, {axes}
            </th>
            <th scope="col" class="number">
              displacement, {solid ? 'voxels' : 'px'}
            </th>
            <th scope="col" class="number">
              cosine
            </th>
          </tr>
        </thead>
        <tbody>
          {pins.map(({ from, to, similarity }, index) => (
            <tr key={from.join()}>
              <th scope="row">
                <span class="dot" style={{ background: runColour(index) }} /> {index + 1}
              </th>
              <td class="number">{numbers(from)}</td>
              <td class="number">{numbers(to)}</td>
              <td class="number">{Math.hypot(...to.map((at, axis) => at - from[axis]!)).toFixed(1)}</td>
              <td class="number">{similarity.toFixed(3)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A place as one says it, x first. */
export function numbers(place: readonly number[]): string {
  return place
    .toReversed()
    .map((at) => Math.max(0, at).toFixed(0))
    .join(', ');
}
