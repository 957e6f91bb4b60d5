import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../core/random.js';
import { mutate } from '../mutate.js';
import { Bzip2Error, bunzip2 } from './bzip2.js';

// Packed by the bzip2 library of Python.
const ZEROS = 'QlpoOTFBWSZTWb6piCsAAMRQAMAABAAACCAAMMwFKaYQtiIXi7kinChIX1TEFYA=';
const TWO =
  'QlpoOTFBWSZTWc+6oLQAAAGRAEAAAgGgACGaaDNNDLxdyRThQkM+6oLQQlpoOTFBWSZTWc3cjZoAAACBgAAAhIAgACGYGYRhdyRThQkM3cjZoA==';
const EMPTY = 'QlpoORdyRThQkAAAAAA=';
const MIXED =
  'QlpoMTFBWSZTWZKoT1cAAAB///7/5W9/o7z+7l+6J2t1187n/P1t8u6e5u931/9/zVuwMADIiBppp6jRpkaD0QDQ9TQAAAAAAAAAAAAAAbUA9QGho9R6R6TTehI8kek0Mppp6jQ000G0g0PU9Q0PUNANHqMj1NHqAHqPUNHqaDRpoGmgzUaaNAAAAAAAANNDaiDCYgMmTQMTQMmhk0NBphGjQDEMmQYTINMRoMhoMQNDIyAAyaaZMTENAAlwbzhUIqL4ZuiNAQcQQlcmQyc8cdMH5GsAEwhpJAgFYgGSaNEilbM6ScBpU/t+zKMQ1S3TOxxU3UDQ0KdFIoQQkU4IbTuIcByRWAqqhzTIjyupJGFWVRB00olCWSfKKt0iywSjyq+0VrnkstbehJki28X4Aj1f3Iylc64kTdMX+IfWDCKaGMgh0Z5nlMTAGYoAYMWoz4Blku6AczGj8Vs01k8uHqodHN3Tj4g2cxIp5eLpEWCrvAaYkBnEboWql70P5oOtClI+US5fEJ1QZcf3ASBeMKjAT6lBmmKH0tgWcUoKhgmLFa0dgAfjjDDVCmcWAaHHnnvJ4bX+LlGoTZ8bPH5/i7kinChISVQnq4A=';
const RUNS =
  'QlpoMTFBWSZTWShtJZQAAAZ/////////////////////////////////////////////0AOcAOAAGkmmJiYAIwTJkYmAmTTAmTJhGmAmAIwAmQMAIxGEaYmmjRgJpgAAAABNGJgAE00DTBMRpkxMI03/qqJMABMAATAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABT//1VVAH//qqqH//qqqAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0AAAAAAADSnjVVTzfqn6pUyNGQMRoZPUNAGIwE000BpoNNDAgAYmQNGAmQNAxGmjTCAADBGgGgAYRoaGg0GEDQ00BkMEmAAmAAJgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB/1AocsHegVj1TB6oLQjVa1aFQoDUlqglBpMHhasI5pMDTWkEcwwMrARzTYGosBHMsDs6wEcywNaWAjmWBrawEcywO0LARzLA7SsBHMsDXFgI5lgdqWAjmWB2tYCOZYGurARzLA15YCOZYHbFgI5lgdtWAjmWB25YCOZYHb1gI5lgdwWAjmWBr6wEcywNgWAjmWBsKwEcywO4rARzLA7ksBHMsDYlgI5lgdzWAjmWB3RYCOZYHdVgI5lgbGsBHMsDZFgI5lgd2WAjmWBrFgI5lgaxYCOZYHd1gI5lgd4WAjmWB3laICOZYWWiAjPLDeqICM8sN7ophGeWG+USjb7TSpv1NKm/wlTgKSTwNJKlmpJZulnCWcpZ0lnaWeJZ6lnyWfpaAloKWhJaGloiWipaMlo6WkJaSlpSWlpaYlpqWnJaelqCWopaklqaWqJaqlqyWrpawlrKWtJa2lriWupa8lr6WwJbClsSWxpbIlsqWzJbOltCW0pbUltaW2JbaltyW3pbgluKW5JbmluiW6pbslu6W8JbylvSW9pb4lvqW/Jb+lwCXApcElwaXCJcKlwyXDpcQlxKXFJcWlxiXGpcclx6XIJcilySXJpcolyqXLJculzCXMpc0lzaXOJc6lzyXPpdAl0KXRJdGl0iXSpdMl06XUJdSl1SXVpdYl1qXXJdel2CXYpdkl2aXaJdql2yXbpdwl3KXdJd2l3iXepd8l36XgJeCl4SXhpeIl4qXjJeOl5CXkpeUl5aXmJeal5yXnpegl6KXpJemlgEvUS9VL1kvXS9hL2UvaS9tL3EvdS95L30vgS+FL4kvjS+RL5UvmS+dL6EvpS+pL60vsS+1L7kvvS/BL8UvyS/NL9Ev1S/ZL90v4S/lL+ksAl/aX+IU7oAAAAAAAAAAAAAAAAAAAAAASN+mZqZzmhnGZmb5oZt/4u5IpwoSBQ2kso';

const bytesOf = (base64: string) => Uint8Array.from(Buffer.from(base64, 'base64'));
const unpack = (bytes: Uint8Array) => Buffer.concat([...bunzip2(bytes)]);

test('blocks, streams behind each other, long runs and an empty stream are unpacked', () => {
  assert.deepEqual(unpack(bytesOf(ZEROS)), Buffer.alloc(100_000));
  assert.equal(unpack(bytesOf(TWO)).toString(), 'one two');
  assert.equal(unpack(bytesOf(EMPTY)).length, 0);
  const mixed = Buffer.from(Array.from({ length: 300 }, (_, index) => Math.floor((index * index) / 7) % 251));
  assert.deepEqual(unpack(bytesOf(MIXED)), mixed);
  const runs = Buffer.concat(Array.from({ length: 299 }, (_, index) => Buffer.alloc(index + 1, (index + 1) % 256)));
  assert.deepEqual(unpack(bytesOf(RUNS)), runs);
});

test('an early end is told from damage', () => {
  const bytes = bytesOf(MIXED);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(
      () => unpack(bytes.subarray(0, length)),
      (error) => error instanceof Bzip2Error && error.cutShort,
      `cut to ${length} bytes`,
    );
  }
  const damaged = bytes.slice();
  damaged[60]! ^= 4;
  assert.throws(
    () => unpack(damaged),
    (error) => error instanceof Bzip2Error && !error.cutShort,
  );
});

test('damaged data give an error, or the right bytes, and always soon', () => {
  const random = randomStream('bzip2');
  const whole = unpack(bytesOf(RUNS));
  for (let round = 0; round < 300; round++) {
    const { bytes } = mutate(bytesOf(RUNS), random);
    try {
      assert.deepEqual(unpack(bytes), whole);
    } catch (error) {
      assert.ok(error instanceof Bzip2Error, String(error));
    }
  }
});
