/** The pictures of a run: panels of a few validation samples as PNG files, and `report.html` drawn from `metrics.jsonl`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Grid, writeDisplacementField } from '../image/index.js';
import { encodePng, type ReportSample, renderReport } from '../report/index.js';
import { writeFileAtomic } from '../system/files.js';
import { type MetricLine, readMetrics } from '../train/metrics.js';
import type { Config } from './config-index.js';
import type { BatchArrays, Method } from './method.js';
import { runPlots } from './run-plots.js';
import type { Trainer } from './trainer.js';
import { joined, sampleOf, sampleTensors } from './validation.js';

/** At most this many samples are drawn. */
const SAMPLES = 4;

/** What is drawn of a run. */
export interface Drawn {
  readonly folder: string;
  readonly config: Config;
  readonly method: Method;
  readonly trainer: Pick<Trainer, 'look'>;
  readonly samples: readonly BatchArrays[];
  /** Edges of a voxel of each sample along [z, y, x], in mm; null for images. */
  readonly spacings: readonly (readonly number[] | null)[];
}

/**
 * Writes `samples/step-XXXXXX-K.png` for the first validation samples and, with `run.writeFields`, the predicted fields of
 * volumes in millimetres as `fields/step-XXXXXX-K.nii.gz`.
 */
export async function drawSamples(drawn: Drawn, step: number): Promise<void> {
  const { folder, config, method, trainer, samples, spacings } = drawn;
  const { crop } = config.views;
  const micro = config.batch.micro || config.batch.size;
  for (const [index, sample] of samples.slice(0, SAMPLES).entries()) {
    const computed = sampleOf(await trainer.look(joined([sample], method.lookInputs, micro)), 0);
    const panel = method.panel(sampleTensors(sample, method, config), computed);
    writeFileAtomic(join(folder, 'samples', `${sampleName(step, index)}.png`), await encodePng(panel));
    const spacing = spacings[index];
    const field = method.fieldOutput && computed[method.fieldOutput];
    if (config.run.writeFields && field && spacing && crop.length === 3) {
      const grid = gridOf(crop, spacing);
      writeDisplacementField(join(folder, 'fields', `${sampleName(step, index)}.nii.gz`), field.data, grid);
    }
  }
}

function sampleName(step: number, index: number): string {
  return `step-${String(step).padStart(6, '0')}-${index}`;
}

/** The grid of a view: its voxels in RAS from 0, since a view is a place of its own. */
function gridOf(shape: readonly number[], [z, y, x]: readonly number[]): Grid {
  return { shape: shape as unknown as Grid['shape'], affine: [x!, 0, 0, 0, 0, y!, 0, 0, 0, 0, z!, 0, 0, 0, 0, 1] };
}

/** Writes `report.html`: curves, configuration, and the first and the latest panels. Returns its path. */
export function writeRunReport(folder: string, config: Config, method: Method): string {
  const metrics = readMetrics(folder);
  const looks = metrics.filter((record) => record.kind === 'validation');
  const { criterion, reference } = method.metrics;
  const [first, last] = [looks[0], looks.at(-1)];
  const best = looks.toSorted((a, b) => Number(a[criterion.key]) - Number(b[criterion.key]))[0];
  const number = (record: MetricLine | undefined, key: string) => (record ? Number(record[key]).toFixed(3) : 'none');
  const named = (when: string) => `${criterion.name} ${when}${criterion.unit ? `, ${criterion.unit}` : ''}`;
  const path = join(folder, 'report.html');
  const html = renderReport({
    title: `${method.title} pretraining: ${config.data.source}`,
    config,
    samples: samplesOf(folder, config, method),
    plots: runPlots(metrics, method.metrics),
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
  writeFileAtomic(path, html);
  return path;
}

/** Said of volumes. */
const MIDDLE_PLANES = ': the planes through the middle, named with their index in the view';
const FIELD_PLANES =
  ': the planes through the voxel of the largest error, named with their index in the view; arrows show the part of the ' +
  'field within the plane, the error has all three components';

function samplesOf(folder: string, config: Config, method: Method): ReportSample[] {
  const samples = join(folder, 'samples');
  if (!existsSync(samples)) return [];
  const files = readdirSync(samples)
    .filter((name) => name.endsWith('.png'))
    .sort();
  const steps = [...new Set(files.map((name) => name.slice(0, 11)))];
  const described = method.fieldOutput ? FIELD_PLANES : MIDDLE_PLANES;
  const planes = config.views.crop.length === 3 ? described : '';
  const shown = [steps.at(-1), steps.length > 1 ? steps[0] : undefined];
  return shown.flatMap((step) =>
    files
      .filter((name) => name.slice(0, 11) === step)
      .map((name) => ({
        name: `Validation pair ${Number(name.slice(12, -4)) + 1}`,
        png: readFileSync(join(samples, name)),
        caption: `after step ${Number(name.slice(5, 11))}${planes}`,
      })),
  );
}
