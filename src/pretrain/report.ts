/** The pictures of a pretraining: panels of a few validation samples, and the report that is drawn from the metrics. */
import { lastName } from '../core/names.js';
import { encodePng } from '../image/encode-png.js';
import { type ReportSample, renderReport } from '../report/index.js';
import type { BatchArrays } from '../train/objective.js';
import type { MetricLine, RunFolder } from '../train/run-folder.js';
import { curriculumNote, pretrainingAnswer } from './answer.js';
import type { Config } from './config.js';
import type { DataRecord } from './data-record.js';
import type { PretrainHost } from './host.js';
import type { Method } from './method.js';
import { runPlots } from './plots.js';
import { type Looker, lookAt, sampleOf, sampleTensors } from './validation.js';

/** At most this many samples are drawn. */
const SAMPLES = 4;

/** What is drawn of a run. */
export interface Drawn {
  readonly run: RunFolder;
  readonly config: Config;
  readonly method: Method;
  readonly trainer: Looker;
  readonly samples: readonly BatchArrays[];
  /** Edges of a voxel of each sample along [z, y, x], in mm; null for images. */
  readonly spacings: readonly (readonly number[] | null)[];
}

/**
 * Writes `samples/step-XXXXXX-K.png` for the first validation samples and, with `run.writeFields`, the predicted fields
 * of volumes in millimetres as `fields/step-XXXXXX-K.nii.gz`.
 */
export async function drawSamples(drawn: Drawn, step: number, host: Pick<PretrainHost, 'encodeField'>): Promise<void> {
  const { run, config, method, trainer, samples, spacings } = drawn;
  const { crop } = config.views;
  for (const [index, sample] of samples.slice(0, SAMPLES).entries()) {
    const computed = sampleOf(await lookAt(trainer, method, [sample], config), 0);
    const panel = method.panel(sampleTensors(sample, method, config), computed);
    await run.writeSample(`${sampleName(step, index)}.png`, await encodePng(panel));
    const spacing = spacings[index];
    const field = method.flows && computed.predicted;
    if (config.run.writeFields && field && spacing && crop.length === 3) {
      await run.writeField(`${sampleName(step, index)}.nii.gz`, await host.encodeField(field.data, crop, spacing));
    }
  }
}

function sampleName(step: number, index: number): string {
  return `step-${String(step).padStart(6, '0')}-${index}`;
}

/** Writes the report: curves, configuration, and the first and the latest panels. */
export async function writeRunReport(run: RunFolder, config: Config, method: Method): Promise<void> {
  const metrics = await run.metrics();
  const looks = metrics.filter((record) => record.kind === 'validation');
  const { criterion, reference } = method.metrics;
  const [first, last] = [looks[0], looks.at(-1)];
  const best = looks.toSorted((a, b) => Number(a[criterion.key]) - Number(b[criterion.key]))[0];
  const number = (record: MetricLine | undefined, key: string) => (record ? Number(record[key]).toFixed(3) : 'none');
  const named = (when: string) => `${criterion.name} ${when}${criterion.unit ? `, ${criterion.unit}` : ''}`;
  const trained = (await run.record<DataRecord>('data'))?.training.length;
  const noun = config.views.crop.length === 3 ? 'volumes' : 'images';
  const steps = [...new Set((await run.samples()).map(stepIn))];
  const html = renderReport({
    title: `${method.title} pretraining: ${lastName(config.data.source)}`,
    answer: pretrainingAnswer(metrics, method.metrics, trained === undefined ? undefined : `${trained} ${noun}`),
    config,
    samples: await samplesOf(run, config, method, steps.at(-1)),
    earlier: steps.length > 1 ? await samplesOf(run, config, method, steps[0]) : [],
    plots: runPlots(metrics, method.metrics, curriculumNote(config.views.curriculum, config.schedule.steps)),
    summary: {
      'steps done': Number(metrics.at(-1)?.step ?? 0),
      [named('before')]: number(first, criterion.key),
      [named('now')]: number(last, criterion.key),
      [named('at best')]: number(best, criterion.key),
      ...(reference ? { [named(`of the ${reference.name}`)]: number(last, reference.key) } : {}),
      device: String(metrics.findLast((record) => 'device' in record)?.device ?? 'none'),
      'effective rank of the features': number(last, 'effectiveRank'),
    },
  });
  await run.writeReport(html);
}

/** `step-000120` of a picture's name. */
function stepIn(name: string): string {
  return name.slice(0, 11);
}

/** Said of volumes. */
const MIDDLE_PLANES = ': the planes through the middle, named with their index in the view';
const FIELD_PLANES =
  ': the planes through the voxel of the largest error, named with their index in the view; arrows show the part of the ' +
  'field within the plane, the error has all three components';

/** @param step as the names of its pictures begin */
async function samplesOf(
  run: RunFolder,
  config: Config,
  method: Method,
  step: string | undefined,
): Promise<ReportSample[]> {
  const described = method.flows ? FIELD_PLANES : MIDDLE_PLANES;
  const planes = config.views.crop.length === 3 ? described : '';
  const samples: ReportSample[] = [];
  for (const name of await run.samples()) {
    if (stepIn(name) !== step) continue;
    const png = await run.sample(name);
    if (!png) continue;
    const caption = `after step ${Number(name.slice(5, 11))}${planes}`;
    samples.push({ name: `Validation pair ${Number(name.slice(12, -4)) + 1}`, png, caption });
  }
  return samples;
}
