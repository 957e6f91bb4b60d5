import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import sharp from 'sharp';
import { readImage, writeVolume } from '../image/files.js';
import { resizeImage, toChannels, toUnitRange } from '../image/index.js';
import { defaultCacheFolder, openCache } from './cache.js';
import { attachCache, headerPath } from './cache-file.js';

const root = mkdtempSync(join(tmpdir(), 'cover-cache-'));
after(() => rmSync(root, { recursive: true }));

async function images(count: number): Promise<string[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const data = Uint8Array.from({ length: 20 * 30 * 3 }, (_, index) => (index * (at + 3)) % 256);
      const path = join(root, `${String(at).padStart(2, '0')}.png`);
      writeFileSync(
        path,
        await sharp(data, { raw: { width: 30, height: 20, channels: 3 } })
          .png()
          .toBuffer(),
      );
      return path;
    }),
  );
}

test('records are what decoding gives, in order; bad files are skipped and listed', async () => {
  const good = await images(20);
  const bad = join(root, 'bad.png');
  writeFileSync(bad, 'text');
  const files = [...good.slice(0, 3), bad, ...good.slice(3)];
  const folder = join(root, 'records');
  let calls = 0;
  const options = {
    files,
    channels: 1,
    shape: [16, 12],
    folder,
    minimumSize: 1,
    onProgress: () => void calls++,
  } as const;
  const cache = await openCache(options);
  assert.deepEqual(cache.files, good);
  assert.deepEqual(
    cache.skipped.map(({ file }) => file),
    [bad],
  );
  assert.equal(cache.skipped[0]!.state, 'unreadable');
  assert.match(cache.skipped[0]!.reason, /^expected a PNG/);
  assert.equal(calls, files.length);
  for (const [index, file] of good.entries()) {
    assert.deepEqual(
      cache.read(index),
      resizeImage(toUnitRange(toChannels(await readImage(file), 1)), [16, 12], { antialias: true }),
    );
  }
  assert.throws(() => cache.read(20), /no record 20 among 20/);
  cache.close();
  assert.equal(readdirSync(folder).length, 2);

  const again = await openCache(options);
  assert.equal(calls, files.length, 'a second opening builds nothing');
  const attached = attachCache(again.path);
  assert.deepEqual(attached.read(7), again.read(7));
  attached.close();
  again.close();
});

test('another shape, other channels or a changed file give another cache', async () => {
  const files = await images(2);
  const folder = join(root, 'keys');
  const path = async (channels: 1 | 3, shape: number[]) => {
    const cache = await openCache({ files, channels, shape, folder, minimumSize: 1 });
    cache.close();
    return cache.path;
  };
  const paths = [await path(1, [8, 8]), await path(3, [8, 8]), await path(1, [8, 9])];
  utimesSync(files[0]!, 1e9, 1e9);
  paths.push(await path(1, [8, 8]));
  assert.equal(new Set(paths).size, 4);
});

test('a cache that is cut short is refused by a reader and built anew by openCache', async () => {
  const options = {
    files: await images(2),
    channels: 3,
    shape: [4, 4],
    folder: join(root, 'cut'),
    minimumSize: 1,
  } as const;
  const cache = await openCache(options);
  const before = cache.read(1);
  cache.close();
  truncateSync(cache.path, 100);
  assert.throws(() => attachCache(cache.path), { code: 'data', message: /expected 384 bytes, found 100/ });
  const again = await openCache(options);
  assert.deepEqual(again.read(1), before);
  again.close();
});

test('one flipped bit, of a record or of the description, and the cache is made anew', async () => {
  for (const kind of ['images', 'volumes'] as const) {
    const files = kind === 'images' ? await images(3) : [volume('flip.nii.gz')];
    const shape = kind === 'images' ? [8, 8] : [8, 8, 8];
    let built = 0;
    const options = {
      files,
      kind,
      channels: 1,
      shape,
      folder: join(root, `flip-${kind}`),
      minimumSize: 1,
      onProgress: () => void built++,
    } as const;
    const cache = await openCache(options);
    const records = files.map((_, index) => cache.read(index));
    const contents = [cache.path, headerPath(cache.path)].map((path) => [path, readFileSync(path)] as const);
    cache.close();
    for (const [path, bytes] of contents) {
      for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
        const flipped = Uint8Array.from(bytes);
        flipped[at]! ^= 1;
        writeFileSync(path, flipped);
        built = 0;
        const again = await openCache(options);
        assert.equal(built, files.length, `${path}, byte ${at}`);
        assert.deepEqual(
          files.map((_, index) => again.read(index)),
          records,
        );
        again.close();
        assert.deepEqual(readFileSync(path), bytes);
      }
    }
    built = 0;
    (await openCache(options)).close();
    assert.equal(built, 0);
  }
});

test('duplicates, constant and small images are left out; a second cache is kept apart from the first', async () => {
  const files = await images(3);
  const copy = join(root, 'copy.tif');
  writeFileSync(copy, await sharp(files[1]).tiff({ compression: 'lzw' }).toBuffer());
  const flat = join(root, 'flat.png');
  const plain = { width: 40, height: 40, channels: 3, background: '#777' } as const;
  writeFileSync(flat, await sharp({ create: plain }).png().toBuffer());
  const options = { channels: 1, shape: [8, 8], folder: join(root, 'fit'), minimumSize: 20 } as const;
  const train = await openCache({ ...options, files: [files[0]!, files[1]!, copy, flat] });
  assert.deepEqual(train.files, files.slice(0, 2));
  assert.deepEqual(train.shapes, [
    [20, 30],
    [20, 30],
  ]);
  assert.deepEqual(
    train.skipped.map(({ file, state }) => [file, state]),
    [
      [copy, 'duplicate'],
      [flat, 'constant'],
    ],
  );
  const held = await openCache({ ...options, files: [copy, files[2]!], apartFrom: train });
  assert.deepEqual(held.files, [files[2]]);
  assert.equal(held.skipped[0]!.reason, `same content as ${files[1]}`);
  const empty = await openCache({ ...options, files: [copy], apartFrom: train });
  assert.equal(empty.files.length, 0);
  await assert.rejects(openCache({ ...options, files, minimumSize: 21 }), {
    code: 'data',
    message: /too small: .*at least 21 pixels[\s\S]*lower data\.minimumSize/,
  });
  for (const cache of [train, held, empty]) cache.close();
});

test('two openings at once give one good cache', async () => {
  const options = {
    files: await images(6),
    channels: 1,
    shape: [5, 5],
    folder: join(root, 'race'),
    minimumSize: 1,
  } as const;
  const caches = await Promise.all([openCache(options), openCache(options)]);
  assert.deepEqual(caches[0].read(5), caches[1].read(5));
  for (const cache of caches) cache.close();
  assert.equal(readdirSync(options.folder).length, 2);
});

test('no readable file leaves nothing behind', async () => {
  const folder = join(root, 'none');
  const files = [join(root, 'gone.png')];
  await assert.rejects(openCache({ files, channels: 1, shape: [4, 4], folder }), {
    code: 'data',
    message: /expected at least one image that is fit, found none among 1 file\n.*gone\.png/,
  });
  assert.deepEqual(readdirSync(folder), []);
});

test('a folder that cannot be made is an error of the file', async () => {
  const file = join(root, 'plain');
  writeFileSync(file, '');
  const folder = join(file, 'below');
  await assert.rejects(openCache({ files: await images(1), channels: 1, shape: [4, 4], folder }), { code: 'file' });
});

test('the default folder follows XDG_CACHE_HOME', () => {
  assert.equal(defaultCacheFolder({ XDG_CACHE_HOME: '/c' }), join('/c', 'cover-ts'));
  assert.match(defaultCacheFolder({}), /\.cache[\\/]cover-ts$/);
});

/** A small volume that is an image. */
function volume(name: string): string {
  const data = Float32Array.from({ length: 8 ** 3 }, (_, index) => Math.sin(index / 7));
  const affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  writeVolume(join(root, name), { data, slope: 1, intercept: 0, shape: [8, 8, 8], affine });
  return join(root, name);
}
