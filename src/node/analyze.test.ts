/** The analysis of a labelled set, of images and of volumes: what is written, and what is refused. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readImage, writePng } from '../image/files.js';
import { initialParameters } from '../nn/index.js';
import { writePhantoms } from '../phantom/index.js';
import { dispersionText } from '../use/dispersion/report.js';
import { smallModel } from '../use/fixtures.js';
import { modelBytes } from '../use/model.js';
import { drawCases, listLabelled } from './analysis-cases.js';
import { analyze, untrainedModel } from './analyze.js';

const root = mkdtempSync(join(tmpdir(), 'cover-dispersion-'));
after(() => rmSync(root, { recursive: true, force: true }));
const at = (...parts: string[]) => join(root, ...parts);

test('images: a network and its random weights on the same pixels', async () => {
  await writePhantoms(at('chests'), 3, { size: [48, 40], seed: 2 });
  writeFileSync(at('model.safetensors'), modelBytes(smallModel()));
  const out = at('out');
  const options = { untrained: true, cases: 2, samples: 80, threads: 1 };
  const { report, written } = await analyze(at('chests'), [at('model.safetensors')], out, options);
  assert.deepEqual(written, ['report.html', 'analysis.json', 'analysis.csv', 'points.csv', 'features.png']);
  assert.deepEqual(report, JSON.parse(readFileSync(join(out, 'analysis.json'), 'utf8')));
  assert.equal(report.cases.length, 2);
  assert.deepEqual(
    report.networks.map(({ name }) => name),
    [at('model.safetensors'), 'untrained'],
  );
  for (const {
    cosine,
    euclidean,
    effectiveRank,
    singularSpectrum,
    correlation,
    neighbourAgreement,
  } of report.networks) {
    for (const { intra, inter, ratio } of [cosine, euclidean]) assert.ok(Math.abs(intra! / inter! - ratio!) < 1e-12);
    assert.ok(effectiveRank > 1 && effectiveRank <= 8);
    assert.ok(Math.abs(singularSpectrum.reduce((sum, value) => sum + value, 0) - 1) < 1e-6);
    assert.deepEqual(
      correlation.map(({ distance }) => distance),
      [1, 2, 4, 8, 16, 32],
    );
    // Even random convolutions are alike at neighbouring pixels, and know dark from bright.
    assert.ok(correlation[0]!.value > correlation[3]!.value && neighbourAgreement! > 1.2 / report.classes.length);
  }
  for (const { probe } of report.networks) {
    assert.deepEqual(
      probe.levels.map(({ level, channels }) => [level, channels]),
      [16, 16, 16, 8, 8].map((channels, level) => [level, channels]),
    );
    for (const score of [probe.all, ...probe.levels.map((one) => one.score)]) {
      assert.ok(score!.accuracy > 0 && score!.accuracy <= 1 && score!.low! <= score!.accuracy);
    }
    // Random convolutions know dark from bright.
    assert.ok(probe.all!.accuracy > 1.5 / report.classes.length, `${probe.all!.accuracy}`);
  }
  const again = await analyze(at('chests'), [at('model.safetensors')], at('again'), {
    ...options,
    untrained: false,
    level: 2,
  });
  assert.deepEqual(again.report.networks[0]!.probe, report.networks[0]!.probe);
  const rows = readFileSync(join(out, 'analysis.csv'), 'utf8').trim().split('\n');
  assert.equal(rows.length, 3);
  const drawn = report.classes.reduce((sum, { samples }) => sum + samples, 0);
  assert.ok(drawn > 60 && drawn <= 80);
  assert.equal(readFileSync(join(out, 'points.csv'), 'utf8').trim().split('\n').length, 1 + 2 * drawn);
  // The letters of a picture are no text.
  const html = readFileSync(join(out, 'report.html'), 'utf8').replace(/base64,[^"]*/g, '');
  assert.equal(html.match(/t-SNE: /g)?.length, 4); // A title and a name for each.
  assert.match(
    html,
    /class="question">How well do the features[\s\S]*class="answer">Of the pixels of cases[\s\S]*Linear probe/,
  );
  assert.doesNotMatch(html, /NaN|undefined|<script|https?:\/\//);
  for (const line of dispersionText(report).split('\n')) assert.ok(line.length <= 80, line);
});

test('volumes, in folders of files with the same names', async () => {
  await writePhantoms(at('thoraxes'), 2, { size: [16, 16, 16], seed: 2 });
  writeFileSync(at('volumes.safetensors'), modelBytes(smallModel('views.crop=[16, 16, 16]', 'data.intensity=wide')));
  const options = { labels: at('thoraxes', 'labels'), samples: 60, threads: 1 };
  const { report } = await analyze(at('thoraxes', 'images'), [at('volumes.safetensors')], at('out-3'), options);
  assert.ok(report.networks[0]!.cosine.ratio! > 0 && report.classes.length >= 4);
  assert.equal(listLabelled(at('thoraxes')).cases.length, 2);
  await assert.rejects(
    analyze(at('chests'), [at('model.safetensors'), at('volumes.safetensors')], at('x')),
    /expected a network of images like the first, found one of volumes/,
  );
});

test('the random weights are those that a training begins with', () => {
  const model = smallModel();
  assert.deepEqual(untrainedModel(model).theta, initialParameters(model.specs, model.config.seed));
});

test('cases are drawn by the seed; what is wrong is said before anything is computed', async () => {
  const cases = Array.from({ length: 30 }, (_, index) => ({ id: `${index}`, image: '', label: '' }));
  assert.equal(drawCases(cases, 40, 0).length, 30);
  assert.deepEqual(drawCases(cases, 5, 1), drawCases(cases, 5, 1));
  assert.notDeepEqual(drawCases(cases, 5, 1), drawCases(cases, 5, 2));
  const model = [at('model.safetensors')];
  await assert.rejects(analyze(at('chests'), [], at('x')), /at least one network/);
  await assert.rejects(analyze(at('chests'), model, at('x'), { samples: 3000 }), /from 20 to 2000, found 3000/);
  await assert.rejects(analyze(at('nowhere'), model, at('x')), /nowhere: expected a folder/);
  await assert.rejects(
    analyze(at('chests', 'images'), model, at('x'), { labels: at('thoraxes', 'labels') }),
    /chest-0002.png: expected a label .*thoraxes.*found none/,
  );
  for (const { id, label } of listLabelled(at('chests')).cases) {
    const { shape, data: own } = await readImage(label);
    const inside = Uint8Array.from(own, (value) => (value > 0 ? 255 : 0));
    await writePng(at('masks', `${id}.png`), { height: shape[0]!, width: shape[1]!, channels: 1, data: inside });
  }
  await assert.rejects(
    analyze(at('chests', 'images'), model, at('x'), { labels: at('masks') }),
    /masks: expected labels with classes 0, 1, …, found the values 0, 255\n.*a mask as 0 and 1/,
  );
});
