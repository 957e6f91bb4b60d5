import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { classificationReport } from './classification.js';
import { classificationCsv, classificationText } from './classification-report.js';
import { csv } from './csv.js';
import { writeClassification, writeSegmentation } from './files.js';
import type { LabelMap } from './label-map.js';
import { scoreSegmentation } from './segmentation.js';
import { segmentationCsv, segmentationReport, segmentationText } from './segmentation-report.js';

const classes = [
  { label: 1, name: 'left lung, "upper" lobe with a name that is far too long for one column of a table' },
  { label: 2, name: '心臓' },
];
const map = (...data: number[]): LabelMap => ({ data: Uint8Array.from(data), shape: [2, 3], spacing: [1, 1] });
const scores = [
  ...scoreSegmentation('scan 1', map(1, 1, 0, 0, 0, 0), map(1, 0, 0, 0, 0, 0), { classes }),
  ...scoreSegmentation('scan 2', map(1, 1, 0, 2, 0, 0), map(1, 1, 0, 0, 2, 0), { classes }),
  ...scoreSegmentation('scan 3', map(0, 0, 0, 2, 0, 0), map(1, 1, 0, 0, 0, 0), { classes }),
];
const predictions = {
  cases: ['a', 'b', 'c', 'd'],
  classes: ['normal', 'pneumonia'],
  probabilities: [0.9, 0.1, 0.3, 0.7, 0.6, 0.4, 0.2, 0.8],
  truth: [0, 1, 1, 0],
};

const fits = (text: string) => {
  for (const line of text.split('\n')) assert.ok([...line].length <= 80, `${[...line].length} columns: ${line}`);
};

test('fields with commas, quotes and line breaks are quoted', () => {
  assert.equal(csv([['a,b', 'c"d', 'e\nf', 1.5, null]]), '"a,b","c""d","e\nf",1.5,\n');
});

test('the CSV of a segmentation has a row for each case and class', () => {
  const lines = segmentationCsv(segmentationReport(scores)).trimEnd().split('\n');
  assert.equal(lines.length, 7);
  assert.equal(
    lines[0],
    'case,class,label,dice,iou,hd95_mm,assd_mm,nsd,tolerance_mm,presence,predicted_voxels,reference_voxels',
  );
  assert.equal(lines[2], 'scan 1,心臓,2,,,,,,2,neither,0,0');
  assert.ok(lines[3]!.startsWith('scan 2,"left lung, ""upper"" lobe'));
  assert.ok(lines[3]!.endsWith(',1,1,1,0,0,1,2,both,2,2'));
});

test('means are over the cases in which a class is defined', () => {
  const { classes: rows, mean } = segmentationReport(scores, { unit: 'px' });
  assert.ok(Math.abs(rows[0]!.means.dice.value! - (2 / 3 + 1 + 0) / 3) < 1e-12);
  assert.deepEqual(rows[1]!.presence, { both: 1, 'reference only': 0, 'prediction only': 1, neither: 1 });
  assert.equal(rows[1]!.means.dice.cases, 2);
  assert.ok(Math.abs(mean.dice.value! - (2 / 3 + 0.5 + 0) / 3) < 1e-12);
});

test('the table of a segmentation fits into 80 columns and says what was missed', () => {
  const text = segmentationText(segmentationReport(scores, { unit: 'px', seed: 1 }));
  fits(text);
  assert.match(text, /^class +metric +mean +95 % interval +cases\n/);
  assert.match(text, /HD95 \(px\)/);
  assert.match(text, /\n心臓: 1 predicted where there is none, 1 in neither\n/);
  assert.match(text, /mean of classes +Dice +0\.389/);
});

test('the table and the CSV of a classification', () => {
  const text = classificationText(classificationReport(predictions, { resamples: 100 }));
  fits(text);
  assert.match(text, /all +accuracy +0\.500/);
  assert.match(text, /pneumonia +AUC +0\.500 .* 2\n/);
  const lines = classificationCsv(predictions).trimEnd().split('\n');
  assert.deepEqual(lines.slice(0, 3), [
    'case,class,probability,true,predicted',
    'a,normal,0.9,1,1',
    'a,pneumonia,0.1,0,0',
  ]);
  assert.equal(lines.length, 9);
});

test('reports without cases, and cases of the same name, are refused', () => {
  assert.throws(() => segmentationReport([]), /the scores of at least one case, found none/);
  assert.throws(() => segmentationReport([...scores, scores[1]!]), /the case scan 1 has two rows of the class 心臓/);
});

test('three files are written, and the JSON holds the whole report', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'cover-metrics-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const report = segmentationReport(scores);
  const paths = writeSegmentation(join(folder, 'new'), report);
  assert.deepEqual(
    paths.map((path) => path.slice(folder.length + 1)),
    ['new/segmentation.json', 'new/segmentation.csv', 'new/segmentation.txt'],
  );
  assert.deepEqual(JSON.parse(readFileSync(paths[0]!, 'utf8')), report);
  assert.equal(readFileSync(paths[1]!, 'utf8'), segmentationCsv(report));
  const classified = classificationReport(predictions, { resamples: 10 });
  const [path] = writeClassification(folder, classified, predictions);
  assert.deepEqual(JSON.parse(readFileSync(path!, 'utf8')), classified);
});
