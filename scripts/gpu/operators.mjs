// What single operators take on a device, each in the forms that a lowering can choose between: `operators.mjs DEVICE
// [SCALE [NAME…]]` ends with a line of JSON. The device's own time of each program is read from the runtime's record.
// SCALE divides the extents.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import { randomStream } from '../../dist/core/random.js';
import { sizeOf } from '../../dist/core/tensor.js';
import { targetOf } from '../../dist/engine/node/index.js';
import * as g from '../../dist/graph/index.js';
import { encodeOnnx } from '../../dist/onnx/encode.js';
import { summary } from './profile.mjs';

const [device = 'webgpu', divisor = '1'] = process.argv.slice(2);
const side = (extent) => Math.max(4, Math.round(extent / Number(divisor)));
const batch = 8;
const map = (channels, extent) => [batch, channels, side(extent), side(extent)];
const volume = (channels, extent) => [4, channels, side(extent), side(extent), side(extent)];
/** The runtime's own convolution. */
const own = (x, w) => {
  const shape = [x.shape[0], w.shape[0], ...x.shape.slice(2)];
  const pads = [...w.shape.slice(2), ...w.shape.slice(2)].map((extent) => (extent - 1) / 2);
  return x.graph.node('Conv', [x, w], { pads }, [{ shape }])[0];
};
const rows = (channels, extent) => [batch, channels, side(extent) ** 2];
const wanted = new Set(process.argv.slice(4));

/** Parts of the pixels that are summed one beside the other. */
const split = (parts) => (x, y) => {
  const cut = (v) => g.transpose(g.reshape(v, [batch, v.shape[1], parts, v.shape[2] / parts]), [0, 2, 1, 3]);
  const product = g.matmul(cut(x), g.swapLast(cut(y)));
  return g.reduceSum(g.reduceSum(product, [1]), [0]);
};
const inner = (parts) => (x) => {
  const cut = g.reshape(x, [batch, x.shape[1], parts, x.shape[2] / parts]);
  return g.reduceSum(g.reduceSum(cut, [3]), [2]);
};

/** Name, shapes of the inputs, what is built of them. */
const cases = [
  ['conv 32-32 @256', [map(32, 256), [32, 32, 3, 3]], (x, w) => g.conv(x, w)],
  ['conv 96-32 @256', [map(96, 256), [32, 96, 3, 3]], (x, w) => g.conv(x, w)],
  ['conv 1-32 @256', [map(1, 256), [32, 1, 3, 3]], (x, w) => g.conv(x, w)],
  ['conv 384-128 @64', [map(384, 64), [128, 384, 3, 3]], (x, w) => g.conv(x, w)],
  ['conv 512-512 @16', [map(512, 16), [512, 512, 3, 3]], (x, w) => g.conv(x, w)],
  ...[
    [32, 32, 64],
    [96, 32, 64],
    [256, 128, 16],
  ].flatMap(([before, after, extent]) => {
    const shapes = [volume(before, extent), [after, before, 3, 3, 3]];
    return [
      [`conv 3D ${before}-${after} @${extent}`, shapes, (x, w) => g.conv(x, w)],
      [`conv 3D ${before}-${after} @${extent}: the runtime's`, shapes, own],
    ];
  }),
  [
    'window 3D: gradient',
    [volume(8, 64), volume(8, 64), volume(3, 64)],
    (q, k, dv) =>
      g.concat(g.gradients([{ value: g.windowVectors(q, k, { radius: 2, heads: 1 }), seed: dv }], [q, k]), 1),
  ],
  ['product of pixels 32x32', [rows(32, 256), rows(32, 256)], (x, y) => g.reduceSum(g.matmul(x, g.swapLast(y)), [0])],
  ['product of pixels 96x32', [rows(96, 256), rows(32, 256)], (x, y) => g.reduceSum(g.matmul(x, g.swapLast(y)), [0])],
  ...[16, 64, 256].map((parts) => [
    `product of pixels 96x32 in ${parts}`,
    [rows(96, 256), rows(32, 256)],
    split(parts),
  ]),
  [
    'product of pixels 512x512 @16',
    [rows(512, 16), rows(512, 16)],
    (x, y) => g.reduceSum(g.matmul(x, g.swapLast(y)), [0]),
  ],
  ['sum over pixels', [rows(32, 256)], (x) => g.reduceSum(x, [2])],
  ...[16, 256].map((parts) => [`sum over pixels in ${parts}`, [rows(32, 256)], inner(parts)]),
  ['mean over pixels', [rows(32, 256)], (x) => g.reduceMean(x, [2])],
  ['sum over channels', [map(32, 256)], (x) => g.reduceSum(x, [1])],
  ['sum over rows of channels', [[batch * side(256) ** 2, 32]], (x) => g.reduceSum(x, [1])],
  ['mul', [map(32, 256), map(32, 256)], (x, y) => g.mul(x, y)],
  ['mul by channel', [map(32, 256), [batch, 32, 1, 1]], (x, y) => g.mul(x, y)],
  ['channels last', [rows(32, 256)], (x) => g.transpose(x, [0, 2, 1])],
  ['channels first', [[batch, side(256) ** 2, 32]], (x) => g.transpose(x, [0, 2, 1])],
  ['slice', [map(32, 256)], (x) => g.slice(x, [1], [0], [16])],
  ['concat', [map(32, 256), map(64, 256)], (x, y) => g.concat([x, y], 1)],
  ['pad', [map(32, 256)], (x) => g.pad(x, [0, 0, 1, 1], [0, 0, 1, 1])],
  [
    'group norm and relu: gradient',
    [map(32, 256), [32], [32], map(32, 256)],
    (x, s, b, dy) => {
      const y = g.groupNorm(x, s, b, { groups: 4, slope: 0.2 });
      return g.gradients([{ value: y, seed: dy }], [x])[0];
    },
  ],
  [
    'conv weight gradient 32-32 @256',
    [map(32, 256), [32, 32, 3, 3], map(32, 256)],
    (x, w, dy) => g.gradients([{ value: g.conv(x, w), seed: dy }], [w])[0],
  ],
  [
    'conv weight gradient 256-128 @64',
    [map(256, 64), [128, 256, 3, 3], map(128, 64)],
    (x, w, dy) => g.gradients([{ value: g.conv(x, w), seed: dy }], [w])[0],
  ],
  ['warp', [map(32, 256), map(2, 256)], (x, f) => g.warp(x, f)],
  [
    'warp: gradient',
    [map(32, 256), map(2, 256), map(32, 256)],
    (x, f, dy) => g.concat(g.gradients([{ value: g.warp(x, f), seed: dy }], [x, f]), 1),
  ],
  ['window 5x5', [map(8, 256), map(8, 256)], (q, k) => g.windowVectors(q, k, { radius: 2, heads: 1 })],
  [
    'window 5x5: gradient',
    [map(8, 256), map(8, 256), map(2, 256)],
    (q, k, dv) =>
      g.concat(g.gradients([{ value: g.windowVectors(q, k, { radius: 2, heads: 1 }), seed: dv }], [q, k]), 1),
  ],
  ['upsample', [map(64, 128)], (x) => g.upsample(x)],
  [
    'upsample: gradient',
    [map(64, 128), map(64, 256)],
    (x, dy) => g.gradients([{ value: g.upsample(x), seed: dy }], [x])[0],
  ],
  [
    'max-pool: gradient',
    [map(32, 256), map(32, 128)],
    (x, dy) => g.gradients([{ value: g.maxPool(x), seed: dy }], [x])[0],
  ],
];

const folder = mkdtempSync(join(tmpdir(), 'cover-gpu-'));
const random = randomStream(0, 'operators');
const found = {};
let number = 0;
for (const [name, shapes, build] of cases) {
  if (wanted.size > 0 && !wanted.has(name)) continue;
  try {
    const graph = new g.Graph(targetOf(device));
    const y = build(...shapes.map((shape, index) => graph.input(`x${index}`, shape)));
    const prefix = `p${number++}-`;
    const session = await ort.InferenceSession.create(encodeOnnx({ y }), {
      executionProviders: device === 'cpu' ? ['cpu'] : [device, 'cpu'],
      logSeverityLevel: 3,
      enableProfiling: true,
      profileFilePrefix: join(folder, prefix),
      ...(device === 'webgpu' && { preferredOutputLocation: { y: 'gpu-buffer' } }),
    });
    const feeds = Object.fromEntries(
      session.inputNames.map((input) => {
        const shape = shapes[Number(input.slice(1))];
        return [
          input,
          new ort.Tensor(
            'float32',
            Float32Array.from({ length: sizeOf(shape) }, () => random.uniform(-1, 1)),
            shape,
          ),
        ];
      }),
    );
    let host = 0;
    const runs = 4;
    for (let run = 0; run < runs; run++) {
      const start = performance.now();
      (await session.run(feeds)).y.dispose?.();
      host = performance.now() - start;
    }
    session.endProfiling();
    const file = readdirSync(folder).find((other) => other.startsWith(prefix));
    const { device: time } = summary(JSON.parse(readFileSync(join(folder, file), 'utf8')), runs);
    const kinds = Object.fromEntries(Object.entries(time?.kinds ?? {}).map(([kind, { ms }]) => [kind, round(ms)]));
    found[name] = { hostMs: round(host), deviceMs: round(time?.ms ?? 0), kinds };
    await session.release();
  } catch (error) {
    found[name] = { problem: error.message.split('\n')[0].slice(0, 300) };
  }
}
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify(found));
process.exit(0);

function round(ms) {
  return Math.round(ms * 1000) / 1000;
}
