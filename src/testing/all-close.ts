/** Arrays of numbers in tests, compared within a tolerance; a failure names the worst element. */
import assert from 'node:assert/strict';

/** An element agrees within `absolute + relative · |expected|`. */
export interface Tolerance {
  readonly absolute?: number;
  readonly relative?: number;
}

/**
 * Fails where the lengths differ, or an element does by more than the tolerance (1e-6 where none is named) or is no
 * number.
 */
export function allClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute, relative = 0 }: Tolerance = {},
  what = 'values',
): void {
  assert.equal(found.length, expected.length, `${what}: the number of elements`);
  const least = absolute ?? (relative > 0 ? 0 : 1e-6);
  let worst = -1;
  let excess = 0;
  for (let index = 0; index < found.length; index++) {
    const [a, b] = [found[index]!, expected[index]!];
    if (Object.is(a, b)) continue;
    const over = Math.abs(a - b) - (least + relative * Math.abs(b));
    if (over > excess || Number.isNaN(over)) {
      worst = index;
      excess = Number.isNaN(over) ? Infinity : over;
    }
  }
  if (worst < 0) return;
  assert.fail(`${what}: element ${worst} of ${found.length}: expected ${expected[worst]}, found ${found[worst]}`);
}
