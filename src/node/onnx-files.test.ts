/**
 * Exported files in the hands of others: the programs of docs/onnx.md give the masks of `cover segment`, pixel by
 * pixel; and files from others: damaged, or with values that they keep elsewhere.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { randomStream } from '../core/random.js';
import { readLabels } from '../data/labelled/index.js';
import { finetuneFixture } from '../finetune/fixtures.js';
import { writePng } from '../image/files.js';
import { refuseExternalData } from '../onnx/external-data.js';
import { onnxMetadata } from '../onnx/metadata.js';
import { ProtobufWriter } from '../onnx/protobuf.js';
import { cover, succeeds } from '../pretrain/fixtures.js';
import { exportFinetuned } from './export.js';
import { loadFinetuned } from './models.js';

const project = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(project, 'docs/onnx.md'), 'utf8');
const program = (language: string) => new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``).exec(page)![1]!;

const fixture = finetuneFixture();
const { path, train } = fixture;
const pictures = () => [join(fixture.data, 'images', 'chest-0003.png'), path('colour.png'), path('wide.png')];

before(async () => {
  const random = randomStream('pictures');
  const smooth = (height: number, width: number, channels: 1 | 3) => {
    const [a, b] = [random.uniform(), random.uniform()];
    return Uint8Array.from({ length: height * width * channels }, (_, at) => {
      const pixel = Math.floor(at / channels);
      const [y, x] = [Math.floor(pixel / width) / height, (pixel % width) / width];
      return 127 + 90 * Math.sin(7 * y + a + (at % channels)) * Math.cos(9 * x + b) + 30 * random.uniform();
    });
  };
  mkdirSync(path(''), { recursive: true });
  await writePng(path('colour.png'), { height: 57, width: 40, channels: 3, data: smooth(57, 40, 3) });
  await writePng(path('wide.png'), { height: 20, width: 131, channels: 1, data: smooth(20, 131, 1) });
});

test('a run and its file', () => {
  train('run');
  const out = succeeds('export', path('run'), '--onnx', path('net.onnx'));
  assert.match(out, /input {3}image {2}\[1, channels, height, width\] {2}float32, stored values 0 to 255/);
  assert.match(
    out,
    /Tried on \[3, 41, 42\]: .*\n {2}labels as cover segment --keep-islands decides them, but for 0 pixels/,
  );
  const metadata = onnxMetadata(readFileSync(path('net.onnx')), '');
  assert.deepEqual(JSON.parse(metadata.get('outside')!), []);
  assert.deepEqual(JSON.parse(metadata.get('islands')!), loadFinetuned(path('run')).config.data.removeIslands);
  succeeds('segment', path('run'), ...pictures(), '-o', path('masks'), '--keep-islands', '--no-overlay');
});

async function sameMask(picture: string, mask: string): Promise<void> {
  const name = picture.split('/').at(-1)!;
  const [found, expected] = [await readLabels(mask), await readLabels(path('masks', name))];
  assert.deepEqual(found, expected);
  assert.ok(new Set(expected.data).size > 1, `${name}: a mask of several classes`);
}

test('the JavaScript of the page gives the masks of cover segment', async () => {
  for (const picture of pictures()) {
    const argv = [
      '--input-type=module',
      '-e',
      program('js'),
      'segment.js',
      path('net.onnx'),
      picture,
      path('mask.png'),
    ];
    const { status, stderr } = spawnSync(process.execPath, argv, { cwd: project, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    await sameMask(picture, path('mask.png'));
  }
});

const python = (code: string, env: Record<string, string> = {}, ...argv: string[]) =>
  spawnSync(process.env.COVER_PYTHON ?? 'python3', ['-c', code, ...argv], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    cwd: project,
  });
const has = (...modules: string[]) => python(modules.map((name) => `import ${name}`).join('\n')).status === 0;

test('the Python of the page gives the masks of cover segment', async (t) => {
  if (!has('numpy', 'onnxruntime', 'PIL')) return t.skip('python3 with numpy, onnxruntime and PIL is not here');
  for (const picture of pictures()) {
    const { status, stderr } = python(program('python'), {}, path('net.onnx'), picture, path('mask.png'));
    assert.equal(status, 0, stderr);
    await sameMask(picture, path('mask.png'));
  }
});

test('what the Python of the page computes around the network', async (t) => {
  if (!has('numpy')) return t.skip('python3 with numpy is not here');
  // Stand-ins: the picture comes from an array, and what the network is given and returns goes through files.
  const folder = path('stand-ins');
  mkdirSync(join(folder, 'PIL'), { recursive: true });
  writeFileSync(
    join(folder, 'PIL', '__init__.py'),
    `import numpy as np
class Picture:
    def __init__(self, values): self.values, self.mode = values, "L" if values.ndim == 2 else "RGBA"
    def convert(self, mode): self.values, self.mode = self.values[..., :3], mode; return self
    def __array__(self, dtype=None, copy=None): return self.values.astype(dtype)
    def save(self, path): self.values.tofile(path)
class Image:
    open = staticmethod(lambda path: Picture(np.load(path)))
    fromarray = staticmethod(Picture)
class ImageOps:
    exif_transpose = staticmethod(lambda picture: picture)
`,
  );
  writeFileSync(
    join(folder, 'onnxruntime.py'),
    `import numpy as np
class InferenceSession:
    def __init__(self, model, providers): self.model = model
    def run(self, outputs, feeds):
        image = feeds["image"]
        assert outputs == ["labels"] and image.dtype == np.float32 and image.flags["C_CONTIGUOUS"]
        np.asarray(image.shape, np.int32).tofile(self.model + ".shape"); image.tofile(self.model + ".fed")
        return [np.arange(image.shape[2] * image.shape[3], dtype=np.uint8).reshape(1, *image.shape[2:])]
`,
  );
  const run = (make: string) => {
    const array = path('picture.npy');
    assert.equal(python(`import numpy as np, sys; np.save(sys.argv[1], ${make})`, {}, array).status, 0);
    const result = python(program('python'), { PYTHONPATH: folder }, path('model'), array, path('mask.raw'));
    assert.equal(result.status, 0, result.stderr);
    const raw = (name: string) => new Uint8Array(readFileSync(path(name))).buffer;
    return { shape: [...new Int32Array(raw('model.shape'))], fed: [...new Float32Array(raw('model.fed'))] };
  };
  assert.deepEqual(run('np.array([[1, 2, 3], [4, 5, 255]], np.uint8)'), {
    shape: [1, 1, 2, 3],
    fed: [1, 2, 3, 4, 5, 255],
  });
  assert.deepEqual([...readFileSync(path('mask.raw'))], [0, 1, 2, 3, 4, 5]);
  const colour = run('np.arange(16, dtype=np.uint8).reshape(2, 2, 4)');
  assert.deepEqual(colour, { shape: [1, 3, 2, 2], fed: [0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14] });
});

for (const [what, name, ...settings] of [
  ['a network of colours', 'colours', 'data.channels=3'],
  ['windows of an image', 'windows', 'views.crop=[16, 16]'],
  ['images that keep their size', 'kept', 'data.fit=keep', 'data.size=[]', 'views.crop=[32, 32]'],
] as const) {
  test(`${what}: the file segments as the run`, async () => {
    train(name, ...settings, 'schedule.steps=2', 'run.validateEvery=2');
    succeeds('export', path(name), '--onnx', path(`${name}.onnx`));
    for (const from of [path(name), path(`${name}.onnx`)]) {
      succeeds('segment', from, ...pictures(), '-o', `${from}-masks`, '--no-overlay');
    }
    for (const picture of pictures()) {
      const own = (folder: string) => readFileSync(join(folder, picture.split('/').at(-1)!));
      assert.deepEqual(own(`${path(`${name}.onnx`)}-masks`), own(`${path(name)}-masks`));
    }
  });
}

test('16 bits and values from 0 to 1 are tried, too', async () => {
  for (const depth of [16, 32] as const) {
    assert.equal((await exportFinetuned(loadFinetuned(path('run')), path('deep.onnx'), depth)).otherLabels, 0);
  }
});

test('a model that keeps values in another file is refused, wherever it hides them', () => {
  const tensor = (message: ProtobufWriter) =>
    message.integer(14, 1).message(13, (m) => m.text(1, 'location').text(2, 'secret'));
  type Hide = (field: ProtobufWriter) => unknown;
  const places: Record<string, Hide> = {
    initializer: (model) => model.message(7, (graph) => graph.message(5, tensor)),
    constant: (model) => model.message(7, (g) => g.message(1, (node) => node.message(5, (a) => a.message(5, tensor)))),
    'an inner graph': (model) =>
      model.message(7, (g) =>
        g.message(1, (n) => n.message(5, (a) => a.message(6, (inner) => inner.message(5, tensor)))),
      ),
    'a function': (model) => model.message(25, (f) => f.message(7, (n) => n.message(5, (a) => a.message(10, tensor)))),
    sparse: (model) => model.message(7, (g) => g.message(15, (s) => s.message(1, tensor))),
  };
  for (const [place, hide] of Object.entries(places)) {
    const model = new ProtobufWriter();
    hide(model);
    assert.throws(
      () => refuseExternalData(model.finish(), `${place}.onnx`),
      /values that it keeps in another file/,
      place,
    );
  }
  refuseExternalData(readFileSync(path('net.onnx')), 'net.onnx');
  // Appended to a file of cover export, where a second graph is merged with the first.
  const more = new ProtobufWriter();
  more.message(7, (graph) => graph.message(5, tensor));
  writeFileSync(path('outside.onnx'), Buffer.concat([readFileSync(path('net.onnx')), more.finish()]));
  const { status, stderr } = cover('segment', path('outside.onnx'), path('wide.png'), '-o', path('none'));
  assert.equal(status, 1);
  assert.match(stderr, /outside\.onnx: expected a model with all of its values inside/);
});

test('damaged files and metadata are refused without a stack', () => {
  const whole = readFileSync(path('net.onnx'));
  const refused = (name: string, bytes: Uint8Array, message: RegExp) => {
    writeFileSync(path(name), bytes);
    const { status, stderr } = cover('segment', path(name), path('wide.png'), '-o', path('none'));
    assert.equal(status, 1);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n {4}at /);
  };
  const edited = (from: string, to: string) => {
    const text = whole.toString('latin1');
    assert.ok(from.length === to.length && text.includes(from));
    return Buffer.from(text.replaceAll(from, to), 'latin1');
  };
  refused('cut.onnx', whole.subarray(0, whole.length - 40), /expected an ONNX model, found something else or a part/);
  refused('config.onnx', edited('{"task":', '{"task"!'), /expected the metadata of cover export, found damaged ones/);
  refused(
    'task.onnx',
    edited('segmentation', 'sexmentation'),
    /expected a network for segmentation, found one for sexmen/,
  );
  refused('size.onnx', edited('"size":[32,32]', '"size":[9e8,9]'), /found damaged ones/);
  refused('node.onnx', edited('ArgMax', 'ArgMox'), /ONNX Runtime cannot load it/);
});
