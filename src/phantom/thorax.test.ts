import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orientationName, spacingOf } from '../image/index.js';
import { thoraxClasses, thoraxPhantom } from './thorax.js';

const size = [36, 32, 40] as const;
const draw = (subject: number) => thoraxPhantom({ size, seed: 3, subject });

test('a subject is the same every time, and subjects differ', () => {
  const [one, again, other] = [draw(1), draw(1), draw(2)];
  assert.deepEqual(one, again);
  assert.notDeepEqual(one.labels, other.labels);
});

test('organs have their values and sides', () => {
  for (const subject of [1, 2, 3]) {
    const { data, labels, affine } = draw(subject);
    assert.equal(orientationName(affine), 'RAS');
    assert.deepEqual(spacingOf({ affine }), [10, 300 / 32, 10]);
    const facts = thoraxClasses.map((_, label) => {
      const places = Array.from(labels.keys()).filter((index) => labels[index] === label);
      const mean = (of: (index: number) => number) => places.reduce((sum, index) => sum + of(index), 0) / places.length;
      return { count: places.length, value: mean((index) => data[index]!), x: mean((index) => index % 40) };
    });
    const [, right, left, heart, spine, ribs] = facts;
    assert.ok(right!.x > 22 && left!.x < 17 && heart!.x < 19.5, JSON.stringify(facts));
    assert.ok(right!.value < -550 && left!.value < -550 && Math.abs(heart!.value - 120) < 60, JSON.stringify(facts));
    assert.ok(spine!.value > 100 && ribs!.value > 100 && ribs!.count > 40, JSON.stringify(facts));
  }
});

test('a size that is too small is refused', () => {
  assert.throws(() => thoraxPhantom({ size: [8, 32, 32], seed: 0, subject: 0 }), { code: 'shape' });
});
