/** `report.html` of a fine-tuning run: curves from `metrics.jsonl`, the classes with their colours, and the pictured cases. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricSeries, type ReportSample, renderReport } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import { readMetrics } from '../train/metrics.js';
import type { FinetuneConfig } from './config.js';
import { casePictures } from './segmentation/case-pictures.js';
import { scoreNames } from './validation.js';

/** Writes the report and returns its path. */
export function writeReport(folder: string, config: FinetuneConfig): string {
  const metrics = readMetrics(folder);
  const looks = metrics.filter((record) => record.kind === 'validation');
  const best = looks.toSorted((a, b) => Number(b.score) - Number(a.score))[0];
  const series = (kind: string, key: string, name: string, dashed = false) =>
    metricSeries(metrics, kind, key, name, dashed);
  const details = Object.keys(looks[0] ?? {}).filter((key) => !['kind', 'step', 'score'].includes(key));
  const score = scoreNames[config.task];
  const path = join(folder, 'report.html');
  const html = renderReport({
    title: `${config.task}: ${config.data.source}`,
    config,
    samples: samplesOf(folder),
    summary: {
      'steps done': Number(metrics.at(-1)?.step ?? 0),
      [`best ${score}`]: best ? Number(best.score) : 'no validation cases',
      'at step': best ? Number(best.step) : 'none',
      'weights from': config.model.from,
      backbone: config.backbone.mode,
      classes: config.data.classes.join(', '),
    },
    plots: [
      {
        title: 'Loss',
        series: [
          series('train', 'loss', 'total'),
          series('train', 'crossEntropy', 'cross-entropy'),
          series('train', 'diceLoss', 'Dice'),
        ].filter(({ points }) => points.length > 0),
      },
      {
        title: `Validation: ${score}`,
        zero: true,
        series: [
          series('validation', 'score', 'mean'),
          ...details.slice(0, 4).map((key) => series('validation', key, key, true)),
        ],
      },
      { title: 'Gradient norm', log: true, series: [series('train', 'gradientNorm', 'before clipping')] },
      {
        title: 'Learning rate',
        zero: true,
        series: [series('train', 'learningRate', 'head'), series('train', 'backboneRate', 'backbone', true)],
      },
    ],
  });
  writeFileAtomic(path, html);
  return path;
}

function samplesOf(folder: string): ReportSample[] {
  return casePictures.flatMap((name): ReportSample[] => {
    const path = join(folder, 'samples', `${name}.png`);
    if (!existsSync(path)) return [];
    const caption = 'by mean Dice, of the checkpoint that is kept; image, truth, prediction';
    return [{ name: `The ${name} validation case`, png: readFileSync(path), caption }];
  });
}
