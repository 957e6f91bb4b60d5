/** What is said of a schema's keys, and where values come from. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { finetuneSchema } from '../../finetune/config.js';
import { configSchema } from '../../pretrain/config.js';
import { describeSettings } from './describe.js';
import { sourceOf } from './sources.js';

const schema = z.strictObject({
  whole: z.int().positive().default(3).describe('a count'),
  share: z.number().min(0).lt(1).default(0.5).describe('a share'),
  name: z.enum(['', 'a', 'b']).nullable().default(null).describe('a name'),
  part: z
    .strictObject({
      pair: z.tuple([z.number(), z.number()]).default([1, 2]).describe('two numbers'),
      list: z.array(z.int().min(1).max(5)).length(3).default([1, 2, 3]).describe('three numbers'),
      some: z.array(z.string()).max(2).default([]).describe('names'),
      either: z
        .union([z.literal(1), z.strictObject({ window: z.boolean() })])
        .default(1)
        .describe('one of two'),
    })
    .prefault({}),
  may: z
    .strictObject({ be: z.number().gt(0).default(1).describe('a number') })
    .nullable()
    .prefault({})
    .describe('or not'),
});

test('a key has its allowed values, its default and its meaning', () => {
  const rows = describeSettings(schema).map(({ path, type, fallback, description }) => [
    path.join('.'),
    type,
    fallback,
    description,
  ]);
  assert.deepEqual(rows, [
    ['whole', 'whole number ≥ 1', 3, 'a count'],
    ['share', 'number ≥ 0 and < 1', 0.5, 'a share'],
    ['name', "one of '', a, b or null", null, 'a name'],
    ['part.pair', '[number, number]', [1, 2], 'two numbers'],
    ['part.list', 'list of 3: whole number 1 to 5', [1, 2, 3], 'three numbers'],
    ['part.some', 'list of at most 2: text', [], 'names'],
    ['part.either', '1 or {window: true or false}', 1, 'one of two'],
    ['may', '{be} or null', { be: 1 }, 'or not'],
    ['may.be', 'number > 0', 1, 'a number'],
  ]);
});

for (const [name, known] of [
  ['pretraining', configSchema],
  ['fine-tuning', finetuneSchema],
] as const) {
  test(`every key of ${name} says what it means`, () => {
    const settings = describeSettings(known);
    assert.ok(settings.length > 40);
    const silent = settings.filter(({ description }) => description.trim() === '').map(({ path }) => path.join('.'));
    assert.deepEqual(silent, []);
  });

  test(`the default of every key of ${name} is what an empty configuration has`, () => {
    const config: unknown = known.parse({});
    for (const { path, fallback } of describeSettings(known)) {
      const value = path.reduce((node, key) => (node as Record<string, unknown> | null)?.[key], config);
      if (value !== undefined) assert.deepEqual(value, fallback, path.join('.'));
    }
  });
}

test('a value comes from the last that names it', () => {
  const source = sourceOf({
    preset: { name: 'small', content: { batch: { size: 2, micro: 1 }, views: { margin: 2 } } },
    file: { name: 'mine.yaml', text: 'seed: 4\nbatch:\n  micro: 2\nviews:\n  degree: 1\n' },
    settings: ['seed=5', 'views={crop: [64, 64]}', 'views.margin=1'],
  });
  const of = (key: string) => source(key.split('.'));
  assert.equal(of('seed'), '--set');
  assert.equal(of('device'), 'default');
  assert.equal(of('batch.size'), 'preset small');
  assert.equal(of('batch.micro'), 'mine.yaml, line 3');
  assert.equal(of('views.crop'), '--set');
  assert.equal(of('views.margin'), '--set');
  // The first of the two settings replaced the whole section.
  assert.equal(of('views.degree'), 'default');
});
