/**
 * `report.html` of a fine-tuning run: curves from `metrics.jsonl`, the classes with their colours, and the pictured
 * cases.
 */
import { lastName } from '../core/names.js';
import { metricSeries, type ReportSample, renderReport, scalePlots } from '../report/index.js';
import type { Criterion } from '../train/criterion.js';
import type { RunFolder } from '../train/run-folder.js';
import { finetuningAnswer, type TestScore } from './answer.js';
import type { FinetuneConfig } from './config.js';
import { dataRecordIn } from './data-record.js';
import { casePictures } from './segmentation/case-pictures.js';

/** Writes the report. */
export async function writeReport(run: RunFolder, config: FinetuneConfig, criterion: Criterion): Promise<void> {
  const metrics = await run.metrics();
  const looks = metrics.filter((record) => record.kind === 'validation');
  const best = looks.toSorted((a, b) => Number(b.score) - Number(a.score))[0];
  const series = (kind: string, key: string, name: string, dashed = false) =>
    metricSeries(metrics, kind, key, name, dashed);
  const details = Object.keys(looks[0] ?? {}).filter((key) => !['kind', 'step', 'score'].includes(key));
  const score = criterion.name;
  const html = renderReport({
    title: `Fine-tuning, ${config.task}: ${lastName(config.data.source)}`,
    classes: config.task === 'segmentation' ? config.data.classes : [],
    answer: finetuningAnswer(metrics, config, {
      score,
      labelled: dataRecordIn(await run.record('data'))?.labelled.length,
      test: await run.record<TestScore>('test'),
    }),
    config,
    samples: await samplesOf(run),
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
      ...scalePlots(metrics),
      {
        title: 'Learning rate',
        zero: true,
        series: [series('train', 'learningRate', 'head'), series('train', 'backboneRate', 'backbone', true)],
      },
    ],
  });
  await run.writeReport(html);
}

async function samplesOf(run: RunFolder): Promise<ReportSample[]> {
  const samples: ReportSample[] = [];
  for (const name of casePictures) {
    const png = await run.sample(`${name}.png`);
    const caption = 'by mean Dice, of the checkpoint that is kept; image, truth, prediction';
    if (png) samples.push({ name: `The ${name} validation case`, png, caption });
  }
  const [only] = samples;
  return samples.length === 1 ? [{ ...only!, name: 'The validation case' }] : samples;
}
