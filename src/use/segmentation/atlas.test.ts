/** Votes of an atlas, by features that are known: each pixel's is what its image shows there. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { InputError } from '../../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../../core/tensor.js';
import { volumeInput } from '../../data/index.js';
import type { CaseRecipe } from '../../data/labelled/index.js';
import type { Volume } from '../../image/index.js';
import { openNetwork } from '../../node/networks.js';
import { smallModel } from '../fixtures.js';
import { backboneOf } from '../model.js';
import type { Network } from '../network.js';
import { type AtlasCase, type AtlasOptions, createAtlasSegmenter } from './atlas.js';
import { segment } from './segment.js';

/** What images show, from 0 to so many: tissues, of whatever brightness. */
const TISSUES = 6;
/** Areas of one tissue lie on this grid: eight cells wide. */
const AREA = 24;

let real: Network;
before(async () => {
  real = await openNetwork(smallModel(), { threads: 1 });
});
after(() => real.close());

/** The engine is the real one; the features of a pixel say which tissue it shows, and nothing else. */
function telling(asked: string[] = []): Network {
  return {
    ...real,
    async run(name, build, feeds) {
      asked.push(name);
      if (!name.startsWith('levels')) return real.run(name, build, feeds);
      const { shape, data } = feeds.image!;
      const extents = shape.slice(2);
      const fine = tensor([1, TISSUES, ...extents]);
      data.forEach((value, pixel) => {
        fine.data[Math.round(value * TISSUES) * data.length + pixel] = 1;
      });
      const level = (at: number): Tensor => {
        const map = tensor([1, 1, ...extents.map((extent) => extent / 2 ** (4 - at))]);
        map.data.fill(1);
        return map;
      };
      return { level0: level(0), level1: level(1), level2: level(2), level3: level(3), level4: fine };
    },
    close: async () => {},
  };
}

/** Areas by `row,column`; tissue 0 elsewhere. */
function shows(size: readonly number[], areas: Readonly<Record<string, number>>): Tensor {
  return tensor(
    [1, ...size],
    Float32Array.from(painted(size, areas), (tissue) => tissue / TISSUES),
  );
}

function painted(size: readonly number[], areas: Readonly<Record<string, number>>): Uint8Array {
  const data = new Uint8Array(sizeOf(size));
  const columns = size.at(-1)!;
  for (let at = 0; at < data.length; at++) {
    data[at] = areas[`${Math.floor(Math.floor(at / columns) / AREA)},${Math.floor((at % columns) / AREA)}`] ?? 0;
  }
  return data;
}

const SIZE = [96, 96];
const PIXELS = sizeOf(SIZE);
const recipe = (size: readonly number[]): CaseRecipe => ({
  ...{ channels: 1, size, window: size, fit: 'resize', spacing: null, intensity: 'auto', antialias: true },
});
const options: AtlasOptions = {
  ...{ recipe: recipe(SIZE), slices: null, classes: ['background', 'lung', 'heart'], multiLabel: false, ignore: 255 },
};
const caseOf = (
  tissues: Readonly<Record<string, number>>,
  labels: Readonly<Record<string, number>>,
  { size = SIZE, sets = false } = {},
): AtlasCase => ({ image: shows(size, tissues), labels: { shape: size, data: painted(size, labels), sets } });

/** The label in the middle of each area that has one. */
function found({ data }: { data: Uint8Array }, [rows, columns]: readonly number[] = SIZE): Record<string, number> {
  const areas: Record<string, number> = {};
  for (let row = AREA / 2; row < rows!; row += AREA) {
    for (let column = AREA / 2; column < columns!; column += AREA) {
      const label = data[row * columns! + column]!;
      if (label !== 0) areas[`${Math.floor(row / AREA)},${Math.floor(column / AREA)}`] = label;
    }
  }
  return areas;
}

test('a class goes to where the image shows the same, wherever that is', async () => {
  const one = caseOf({ '1,1': 1, '1,2': 2, '3,3': 3 }, { '1,1': 1, '1,2': 2 });
  const asked: string[] = [];
  const segmenter = createAtlasSegmenter(telling(asked), [one], options);
  const image = shows(SIZE, { '3,0': 1, '0,3': 2, '1,1': 3 });
  const { labels, probabilities } = await segment(segmenter, image, { probabilities: true });
  assert.deepEqual(found(labels), { '3,0': 1, '0,3': 2 });
  for (let at = 0; at < PIXELS; at++) {
    const sum = [0, 1, 2].reduce((all, k) => all + probabilities!.data[k * PIXELS + at]!, 0);
    assert.ok(Math.abs(sum - 1) < 1e-5, `${sum} at ${at}`);
  }
  // What the atlas knows is computed once.
  await segment(segmenter, image);
  const passes = asked.filter((name) => name.startsWith('levels'));
  assert.deepEqual([passes.length, asked.length - passes.length], [3, 2]);
});

test('images vote by the places that are alike, however many others they have', async () => {
  const cases = [
    caseOf({ '1,1': 1, '2,2': 2 }, { '1,1': 1 }),
    caseOf({ '1,1': 1, '2,2': 2 }, { '1,1': 1, '2,2': 2 }),
    caseOf({ '1,1': 1, '3,3': 4 }, { '1,1': 2, '3,3': 1 }),
  ];
  const image = shows(SIZE, { '0,0': 1, '0,2': 2, '2,0': 4 });
  const segmenter = createAtlasSegmenter(telling(), cases, options);
  const { probabilities, labels } = await segment(segmenter, image, { probabilities: true });
  // Of what is no background, which cells at the border of an area have a share of.
  const shares = (row: number, column: number) => {
    const pixel = (row * AREA + 12) * 96 + column * AREA + 12;
    const [none, lung, heart] = [0, 1, 2].map((k) => probabilities!.data[k * PIXELS + pixel]!) as [
      number,
      number,
      number,
    ];
    return {
      lung: Math.round((100 * lung) / (lung + heart)),
      none: none < 0.1 ? 'little' : Math.round(10 * none) / 10,
    };
  };
  assert.deepEqual(shares(0, 0), { lung: 67, none: 'little' });
  assert.deepEqual(shares(0, 2), { lung: 0, none: 0.5 });
  assert.deepEqual(shares(2, 0), { lung: 100, none: 'little' });
  assert.equal(found(labels)['0,0'], 1);
});

test('of a class that is one piece in ten labels, small pieces apart are removed', async () => {
  const image = shows(SIZE, { '0,0': 1, '0,1': 1, '1,0': 1, '3,3': 1, '3,0': 2 });
  const classOf = async (labelled: AtlasCase, how: object = {}, times = 10) => {
    const segmenter = createAtlasSegmenter(telling(), Array(times).fill(labelled), options);
    const { labels } = await segment(segmenter, image, how);
    return [segmenter.single, found(labels)['0,0'], found(labels)['3,3'] ?? 0, found(labels)['3,0']];
  };
  const [one, two] = [caseOf({ '1,1': 1, '2,2': 2 }, { '1,1': 1, '2,2': 2 }), { '1,1': 1, '2,2': 2, '3,3': 1 }];
  assert.deepEqual(await classOf(one), [[1, 2], 1, 0, 2]);
  assert.deepEqual(await classOf(one, { keepIslands: true }), [[1, 2], 1, 1, 2]);
  assert.deepEqual(await classOf(one, {}, 1), [[], 1, 1, 2]);
  assert.deepEqual(await classOf(caseOf({ ...two, '1,3': 1 }, { ...two, '1,3': 1 })), [[2], 1, 1, 2]);
});

test('classes that overlap are carried one by one, as sets', async () => {
  const cases = [caseOf({ '1,1': 1, '2,2': 2 }, { '1,1': 3, '2,2': 1 }, { sets: true })];
  const segmenter = createAtlasSegmenter(telling(), cases, { ...options, multiLabel: true });
  const { labels } = await segment(segmenter, shows(SIZE, { '3,3': 1, '0,1': 2 }));
  assert.equal(labels.sets, true);
  assert.deepEqual(found(labels), { '3,3': 3, '0,1': 1 });
});

test('pixels of no class have no vote', async () => {
  const image = shows(SIZE, { '3,3': 1, '0,1': 2 });
  for (const sets of [false, true]) {
    const cases = [
      caseOf({ '1,1': 1, '2,2': 2 }, { '1,1': 255, '2,2': 2 }, { sets }),
      caseOf({ '1,1': 1 }, { '1,1': 1 }, { sets }),
    ];
    const segmenter = createAtlasSegmenter(telling(), cases, { ...options, multiLabel: sets });
    assert.deepEqual(found((await segment(segmenter, image)).labels), { '3,3': 1, '0,1': 2 });
  }
  const other = [caseOf({ '1,1': 1, '2,2': 2 }, { '1,1': 9, '2,2': 2 }), caseOf({ '1,1': 1 }, { '1,1': 1 })];
  const named = createAtlasSegmenter(telling(), other, { ...options, ignore: 9 });
  assert.deepEqual(found((await segment(named, image)).labels), { '3,3': 1, '0,1': 2 });
  const unknown = caseOf({}, {});
  unknown.labels.data.fill(255);
  const { labels } = await segment(createAtlasSegmenter(telling(), [unknown], options), image);
  assert.deepEqual(found(labels), {});
});

test('a large image is seen in larger cells, and its weights in parts', async () => {
  const size = [300, 288];
  const tissues = { '3,3': 1, '8,10': 2 };
  const segmenter = createAtlasSegmenter(telling(), [caseOf(tissues, tissues, { size })], {
    ...options,
    recipe: recipe(size),
  });
  const { labels } = await segment(segmenter, shows(size, { '11,1': 1, '2,2': 2, '2,3': 2 }));
  assert.deepEqual(found(labels, size), { '11,1': 1, '2,2': 2, '2,3': 2 });
});

test('of a volume seen slice by slice every slice is an image, of many every second or third', async () => {
  const [height, width] = SIZE as [number, number];
  const stack = (areas: readonly Readonly<Record<string, number>>[], scale: number): Volume => ({
    shape: [areas.length, height, width],
    data: Float32Array.from(
      areas.flatMap((one) => [...painted(SIZE, one)]),
      (tissue) => tissue / scale,
    ),
    affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1],
    ...{ slope: 1, intercept: 0, modality: 'other', source: 'stack', warnings: [] },
  });
  const volumeRecipe: CaseRecipe = {
    ...recipe(SIZE),
    ...{ size: [0, height, width], window: [1, height, width], intensity: { window: [0, 1] } },
  };
  const known = (areas: readonly Readonly<Record<string, number>>[], classes: typeof areas): AtlasCase => ({
    image: volumeInput(stack(areas, TISSUES), volumeRecipe).image,
    labels: { shape: [areas.length, height, width], data: Uint8Array.from(stack(classes, 1).data) },
  });
  const ask = async (one: AtlasCase, areas: readonly Readonly<Record<string, number>>[], asked: string[] = []) => {
    const segmenter = createAtlasSegmenter(telling(asked), [one], {
      ...options,
      ...{ recipe: volumeRecipe, slices: 'axial' },
    });
    const { labels } = await segment(segmenter, volumeInput(stack(areas, TISSUES), volumeRecipe));
    return areas.map((_, z) => found({ data: labels.data.subarray(z * PIXELS, (z + 1) * PIXELS) }));
  };
  const two = known([{ '1,1': 1 }, { '2,3': 2, '0,0': 3 }], [{ '1,1': 1 }, { '2,3': 2 }]);
  assert.deepEqual(await ask(two, [{ '3,0': 2 }, {}, { '0,1': 1, '3,3': 3 }]), [{ '3,0': 2 }, {}, { '0,1': 1 }]);
  // 2304 cells each, of which 28 slices are kept: of 80 every third.
  const asked: string[] = [];
  const many = Array.from({ length: 80 }, (_, z) => (z === 3 ? { '1,1': 1 } : z === 4 ? { '1,1': 2 } : {}));
  assert.deepEqual(await ask(known(many, many), [{ '3,2': 1, '0,2': 2 }], asked), [{ '3,2': 1 }]);
  assert.equal(asked.filter((name) => name.startsWith('levels')).length, Math.ceil(80 / 3) + 1);
});

test('the most similar place decides however little it is like', async () => {
  const size = [16, 16, 16];
  const cosine = 0.3;
  /** Dark images have the first feature, bright ones a mean of both: everywhere, on all levels. */
  const unlike: Network = {
    ...real,
    model: smallModel('views.crop=[16, 16, 16]', 'model.window=1'),
    async run(name, build, feeds) {
      if (!name.startsWith('levels')) return real.run(name, build, feeds);
      const bright = feeds.image!.data[0]! > 0.5;
      const level = (at: number): Tensor => {
        const cells = (16 / 2 ** (4 - at)) ** 3;
        const first = new Float32Array(2 * cells).fill(bright ? cosine : 1, 0, cells);
        return tensor(
          [1, 2, ...size.map((extent) => extent / 2 ** (4 - at))],
          first.fill(bright ? Math.sqrt(1 - cosine ** 2) : 0, cells),
        );
      };
      return { level0: level(0), level1: level(1), level2: level(2), level3: level(3), level4: level(4) };
    },
    close: async () => {},
  };
  const image = (value: number) => tensor([1, ...size], new Float32Array(16 ** 3).fill(value));
  const labels = { shape: size, data: new Uint8Array(16 ** 3).fill(2) };
  const segmenter = createAtlasSegmenter(unlike, [{ image: image(0), labels }], { ...options, recipe: recipe(size) });
  const found = await segmenter.predict(image(1));
  assert.deepEqual([...new Set(found.data.subarray(2 * 16 ** 3))], [1]);
});

test('any backbone carries labels; no labelled image is refused', () => {
  const one = caseOf({}, {});
  for (const model of [backboneOf(smallModel()), smallModel('method=contrast')]) {
    assert.equal(createAtlasSegmenter({ ...telling(), model }, [one], options).channels, 1);
  }
  assert.throws(
    () => createAtlasSegmenter(telling(), [], options),
    (error) => error instanceof InputError && error.code === 'config',
  );
});
