import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderReport } from './html.js';
import { scatterPlot } from './scatter.js';

const scatter = {
  title: 'a < b',
  points: Float64Array.of(0, 0, 10, 0, 10, 20),
  labels: Uint8Array.of(0, 1, 1),
  classes: ['background', 'lung'],
};

test('points stand within the plot, in the colours of their classes, on one scale', () => {
  const svg = scatterPlot(scatter);
  const dots = [...svg.matchAll(/r="2\.4" cx="([\d.]+)" cy="([\d.]+)" fill="([^"]+)"/g)].map((found) => found.slice(1));
  assert.equal(dots.length, 3);
  const gray = dots.filter(([, , colour]) => colour === '#8a929b');
  assert.equal(gray.length, 1);
  const [x, y] = gray[0]!.map(Number) as [number, number];
  const others = dots.filter((dot) => dot !== gray[0]).map(([a, b]) => [Number(a) - x, y - Number(b)]);
  // 10 to the right, and 20 up: 398 pixels for 20.
  others.sort((a, b) => a[1]! - b[1]!);
  for (const [[a, b], [c, d]] of [
    [others[0]!, [199, 0]],
    [others[1]!, [199, 398]],
  ] as const) {
    assert.ok(Math.abs(a! - c!) < 0.2 && Math.abs(b! - d!) < 0.2, `${a},${b}`);
  }
  assert.match(svg, /a &#60; b/);
  assert.match(svg, />lung</);
});

test('a report shows tables and scatters, escaped', () => {
  const html = renderReport({
    title: 't',
    config: {},
    samples: [],
    summary: '',
    plots: [],
    tables: [{ title: 'Numbers', caption: 'how', header: ['network', 'rank'], rows: [['<run>', '3.2']] }],
    scatters: [scatter],
  });
  assert.match(html, /<th scope="row">&#60;run&#62;<\/th><td>3\.2<\/td>/);
  assert.match(html, /<h2>Scatter plots<\/h2>/);
});
