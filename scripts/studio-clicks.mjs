// Dice after one, three and five clicks of the studio: regions that grow by features against regions that grow by
// brightness.
//
//   node scripts/studio-clicks.mjs RUN DATA [CASES]
//
// RUN is a pretraining, DATA a folder with images/ and labels/. A click is simulated: the first lies at the innermost
// place of a class, each further one at the innermost place of the largest part that is missing or too much; parts that
// are too much are taken away by the same tool. Dragging is simulated, too: of a few sizes of the region the one with
// the best Dice is kept (for both tools alike), beside what a click without dragging gives.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readInput } from '../dist/data/index.js';
import { readLabels } from '../dist/data/labelled/index.js';
import { loadModel, openNetwork } from '../dist/node/index.js';
import { alikeInBrightness, alikeInFeatures } from '../dist/studio/drawing/alike.js';
import { grow, withoutHoles } from '../dist/studio/drawing/grow.js';
import { centred, imageFeatures } from '../dist/studio/drawing/likeness.js';
import { slicesThrough } from '../dist/studio/drawing/slices.js';
import { backboneFeatures, levels, workingImage, workingShape } from '../dist/use/index.js';

const [run, data, most = '10'] = process.argv.slice(2);
if (!run || !data) {
  console.error('usage: node scripts/studio-clicks.mjs RUN DATA [CASES]');
  process.exit(1);
}
const CLICKS = [1, 3, 5];
const SHARES = [0.35, 0.5, 0.7, 1, 1.4, 2, 2.8];
const model = loadModel(run);
const network = await openNetwork(model);
const files = readdirSync(join(data, 'labels'))
  .filter((name) => name.endsWith('.png'))
  .sort()
  .slice(0, Number(most));
const sums = new Map();

for (const file of files) {
  const image = await readInput(join(data, 'images', file), model.config.data.channels);
  const { data: labels } = await readLabels(join(data, 'labels', file));
  const [height, width] = image.shape.slice(1);
  const grid = workingShape(model.config, [height, width]);
  const found = await backboneFeatures(network, workingImage(model.config, image, grid), levels);
  const parts = found.map((one, level) => ({ features: one, span: grid.map((extent) => extent / 2 ** (4 - level)) }));
  const along = grid.map((extent, axis) => {
    const step = extent / image.shape[axis + 1];
    return [step / 2 - 0.5, step];
  });
  const own = imageFeatures(grid, centred(parts), along);
  const [slice] = slicesThrough([height, width], [0, 0]);
  const gray = image.data.subarray(0, height * width);
  const spotOf = (pixel) => ({ x: (pixel % width) + 0.5, y: Math.floor(pixel / width) + 0.5 });
  const tools = {
    brightness: (pixel) => alikeInBrightness(gray, { width, height }, spotOf(pixel)),
    features: (pixel) => alikeInFeatures(own, gray, slice, spotOf(pixel)),
  };
  for (const label of new Set(labels)) {
    if (label === 0 || label === 255) continue;
    const truth = labels.map((value) => (value === label ? 1 : 0));
    if (truth.reduce((sum, value) => sum + value, 0) < 200) continue;
    for (const [name, tool] of Object.entries(tools)) {
      for (const [way, shares] of [
        ['click', [1]],
        ['click and drag', SHARES],
      ]) {
        const dices = clicked(truth, width, height, tool, shares);
        for (const count of CLICKS) {
          const key = `${name.padEnd(12)} ${way.padEnd(15)} ${count}`;
          const sum = sums.get(key) ?? [0, 0];
          sums.set(key, [sum[0] + dices[count - 1], sum[1] + 1]);
        }
      }
    }
  }
  process.stderr.write(`${file}\n`);
}
await network.close();
console.log('tool         way             clicks  mean Dice');
for (const [key, [sum, count]] of sums) console.log(`${key}       ${(sum / count).toFixed(3)}  (${count})`);

/** Dice after each click. */
function clicked(truth, width, height, tool, shares) {
  const mask = new Uint8Array(truth.length);
  const dices = [];
  for (let click = 0; click < CLICKS.at(-1); click++) {
    const spot = innermost(mask, truth, width, height);
    if (spot >= 0) {
      const value = truth[spot];
      const like = tool(spot);
      let best = { dice: shares.length > 1 ? dice(mask, truth) : -1, region: null };
      for (const share of shares) {
        const place = { x: (spot % width) + 0.5, y: Math.floor(spot / width) + 0.5 };
        const region = withoutHoles(grow({ width, height }, place, like(share)));
        const tried = mask.slice();
        put(tried, width, region, value);
        const reached = dice(tried, truth);
        if (reached > best.dice) best = { dice: reached, region };
      }
      if (best.region) put(mask, width, best.region, value);
    }
    dices.push(dice(mask, truth));
  }
  return dices;
}

function put(mask, width, { box, inside }, value) {
  const columns = box.right - box.left;
  for (let pixel = 0; pixel < inside.length; pixel++) {
    if (inside[pixel]) mask[(box.top + Math.floor(pixel / columns)) * width + box.left + (pixel % columns)] = value;
  }
}

/** The place that is farthest from the edge of the largest part that is wrong, by a distance along rows and columns. */
function innermost(mask, truth, width, height) {
  const wrong = mask.map((value, pixel) => (value !== truth[pixel] ? 1 : 0));
  const seen = new Uint8Array(wrong.length);
  let largest = [];
  for (let start = 0; start < wrong.length; start++) {
    if (!wrong[start] || seen[start]) continue;
    const value = truth[start];
    const part = [start];
    seen[start] = 1;
    for (let at = 0; at < part.length; at++) {
      const pixel = part[at];
      const column = pixel % width;
      for (const next of [
        column > 0 ? pixel - 1 : -1,
        column < width - 1 ? pixel + 1 : -1,
        pixel - width,
        pixel + width,
      ]) {
        if (next < 0 || next >= wrong.length || seen[next] || !wrong[next] || truth[next] !== value) continue;
        seen[next] = 1;
        part.push(next);
      }
    }
    if (part.length > largest.length) largest = part;
  }
  if (largest.length === 0) return -1;
  const distance = new Int32Array(wrong.length);
  for (const pixel of largest) distance[pixel] = width + height;
  const at = (x, y) => (x < 0 || y < 0 || x >= width || y >= height ? 0 : distance[y * width + x]);
  for (const pixel of largest.toSorted((a, b) => a - b)) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    distance[pixel] = Math.min(distance[pixel], at(x - 1, y) + 1, at(x, y - 1) + 1);
  }
  let best = largest[0];
  for (const pixel of largest.toSorted((a, b) => b - a)) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    distance[pixel] = Math.min(distance[pixel], at(x + 1, y) + 1, at(x, y + 1) + 1);
    if (distance[pixel] > distance[best]) best = pixel;
  }
  return best;
}

function dice(mask, truth) {
  let [both, sum] = [0, 0];
  for (let pixel = 0; pixel < mask.length; pixel++) {
    both += mask[pixel] & truth[pixel];
    sum += mask[pixel] + truth[pixel];
  }
  return (2 * both) / Math.max(1, sum);
}
