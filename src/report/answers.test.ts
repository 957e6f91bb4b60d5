/** The question and the answer at the top of a report, and the order of what follows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finetuningAnswer } from '../finetune/answer.js';
import { encodePng } from '../image/encode-png.js';
import { curriculumNote, pretrainingAnswer } from '../pretrain/answer.js';
import { coverMetrics } from '../pretrain/cover/method.js';
import { picture } from './canvas.js';
import { renderReport } from './html.js';

const train = (step: number) => ({ kind: 'train', step, seconds: 1.5, loss: 1 });
const look = (step: number, endpointError: number) => ({
  kind: 'validation',
  step,
  endpointError,
  zeroEndpointError: 20,
});

test('a pretraining: how far off its vectors are, and what that is of a zero field', () => {
  const metrics = [look(0, 21), ...[1, 2, 3, 4].map(train), look(4, 13)];
  const { question, answer } = pretrainingAnswer(metrics, coverMetrics, '180 images');
  assert.match(question, /\?$/);
  assert.match(
    answer,
    /^After 4 steps of 6 s in all on 180 images: endpoint error 13\.\d+ px, which is 65 % of the zero field’s 20\.00 px\.$/,
  );
  assert.match(pretrainingAnswer([train(1)], coverMetrics, undefined).answer, /^After 1 steps? of 2 s in all nothing/);
  const { reference: _, ...without } = coverMetrics;
  assert.match(
    pretrainingAnswer(metrics, without, undefined).answer,
    /endpoint error 13\.\d+ px, 21\.\d+ px at the start\.$/,
  );
});

test('a pretraining whose first look stayed the best says so', () => {
  const best = / It was best at step 0: the training did not improve on it\.$/;
  const { reference: _, ...without } = coverMetrics;
  for (const metrics of [coverMetrics, without]) {
    const answer = (...errors: number[]) =>
      pretrainingAnswer(
        errors.map((error, index) => look(2 * index, error)),
        metrics,
        undefined,
      ).answer;
    assert.match(answer(13, 14, 13), best);
    for (const errors of [[13], [13, 12, 14]]) assert.doesNotMatch(answer(...errors), best);
  }
});

test('a fine-tuning: the score on the test cases, or on the validation cases alone', () => {
  const [data, model] = [{ classes: ['background', 'lung', 'heart'] }, { from: 'runs/xrays' }];
  const config = { task: 'segmentation', data, model } as Parameters<typeof finetuningAnswer>[1];
  const metrics = [
    { kind: 'validation', step: 0, score: 0.1 },
    { kind: 'train', step: 9, seconds: 61 },
    { kind: 'validation', step: 9, score: 0.83 },
  ];
  const validated = finetuningAnswer(metrics, config, { score: 'Dice', labelled: 5, test: null });
  assert.match(
    validated.question,
    /the pretrained network tell lung and heart after learning from 5 labelled cases\?$/,
  );
  assert.match(
    validated.answer,
    /^After 9 steps of 1 min 1 s in all: Dice 0\.830 on the validation cases \(step 9\)\./,
  );
  const classes = finetuningAnswer(
    metrics,
    { ...config, task: 'classification' },
    { score: 'AUC', labelled: 5, test: null },
  );
  assert.match(classes.question, / tell background, lung and heart after /);
  const test = { name: 'Dice', value: 0.8451, low: 0.8, high: 0.9, cases: 41, step: 9 };
  const tested = finetuningAnswer(metrics, config, { score: 'Dice', labelled: 1, test });
  assert.match(tested.answer, /^On 41 test cases, at step 9: Dice 0\.845 \(0\.800 to 0\.900\)\./);
});

test('a rising training error is explained where the views grow', () => {
  assert.equal(curriculumNote(null, 10), undefined);
  assert.match(curriculumNote({ steps: 300 }, 200)!, /may rise until step 200/);
});

test('the page: question and answer, then pictures, then the rest; pictures at half their pixels', async () => {
  const png = await encodePng(picture(4, 600));
  const page = renderReport({
    title: 'A run',
    answer: { question: 'How <well>?', answer: 'Well & good.' },
    config: { seed: 1 },
    samples: [{ name: 'pair', png, caption: 'a pair' }],
    summary: { steps: 3 },
    plots: [{ title: 'Loss', series: [], note: 'Lower is better.' }],
  });
  const places = [
    'How &#60;well&#62;?',
    'Well &#38; good.',
    'width="300"',
    'In numbers',
    'Lower is better.',
    'Configuration',
  ];
  const found = places.map((text) => page.indexOf(text));
  assert.ok(
    found.every((at, index) => at > (found[index - 1] ?? 0)),
    found.join(),
  );
});
