/** The pictures of a run: panels of a few validation pairs as PNG files, and `report.html` drawn from `metrics.jsonl`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/index.js';
import { writeFileAtomic } from '../core/files.js';
import { sizeOf, tensor } from '../core/tensor.js';
import { type Grid, writeDisplacementField } from '../image/index.js';
import { encodePng, pairPanel, type ReportSample, renderReport } from '../report/index.js';
import { warpLinear } from './cover/views/index.js';
import { type MetricLine, readMetrics } from './metrics.js';
import type { Trainer } from './trainer.js';

/** At most this many pairs are drawn. */
const PAIRS = 4;

/** What is drawn of a run. */
export interface Drawn {
  readonly folder: string;
  readonly config: Config;
  readonly trainer: Pick<Trainer, 'predict'>;
  /** `[moving, fixed, field, mask]` each. */
  readonly pairs: readonly (readonly Float32Array[])[];
  /** Edges of a voxel of each pair along [z, y, x], in mm; null for images. */
  readonly spacings: readonly (readonly number[] | null)[];
}

/**
 * Writes `samples/step-XXXXXX-K.png` for the first validation pairs and, with `run.writeFields`, the predicted fields of
 * volumes in millimetres as `fields/step-XXXXXX-K.nii.gz`.
 */
export async function drawSamples({ folder, config, trainer, pairs, spacings }: Drawn, step: number): Promise<void> {
  const { crop } = config.views;
  const pixels = sizeOf(crop);
  const micro = config.batch.micro || config.batch.size;
  const inputs = config.data.channels;
  const features = config.model.channels[8]!;
  for (const [index, [moving, fixed, field, mask]] of pairs.slice(0, PAIRS).entries()) {
    const fill = (view: Float32Array) => {
      const batch = new Float32Array(view.length * micro);
      batch.set(view);
      return batch;
    };
    const result = await trainer.predict(fill(moving!), fill(fixed!));
    const predicted = result.predicted.data.slice(0, crop.length * pixels);
    const source = tensor([inputs, ...crop], moving!);
    const panel = pairPanel({
      moving: source,
      fixed: tensor([inputs, ...crop], fixed!),
      warped: tensor([inputs, ...crop], warpLinear(source, predicted)),
      trueField: tensor([crop.length, ...crop], field!),
      predictedField: tensor([crop.length, ...crop], predicted),
      mask: tensor([1, ...crop], mask!),
      features: tensor([features, ...crop], result.fixedFeatures.data.slice(0, features * pixels)),
    });
    writeFileAtomic(join(folder, 'samples', `${sampleName(step, index)}.png`), await encodePng(panel));
    const spacing = spacings[index];
    if (config.run.writeFields && spacing && crop.length === 3) {
      const grid = gridOf(crop, spacing);
      writeDisplacementField(join(folder, 'fields', `${sampleName(step, index)}.nii.gz`), predicted, grid);
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
export function writeRunReport(folder: string, config: Config): string {
  const metrics = readMetrics(folder);
  const looks = metrics.filter((record) => record.kind === 'validation');
  const [first, last] = [looks[0], looks.at(-1)];
  const best = looks.toSorted((a, b) => Number(a.endpointError) - Number(b.endpointError))[0];
  const number = (record: MetricLine | undefined, key: string) => (record ? Number(record[key]).toFixed(3) : 'none');
  const path = join(folder, 'report.html');
  const html = renderReport({
    title: `COVER pretraining: ${config.data.source}`,
    config,
    metrics,
    samples: samplesOf(folder, config),
    summary: {
      'steps done': Number(metrics.at(-1)?.step ?? 0),
      'endpoint error before, px': number(first, 'endpointError'),
      'endpoint error now, px': number(last, 'endpointError'),
      'endpoint error at best, px': number(best, 'endpointError'),
      'endpoint error of the zero field, px': number(last, 'zeroEndpointError'),
      device: String(metrics.findLast((record) => 'device' in record)?.device ?? 'none'),
      'effective rank of the features': number(last, 'effectiveRank'),
    },
  });
  writeFileAtomic(path, html);
  return path;
}

/** Said of volumes. */
const PLANES =
  ': the planes through the voxel of the largest error, named with their index in the view; arrows show the part of the ' +
  'field within the plane, the error has all three components';

function samplesOf(folder: string, config: Config): ReportSample[] {
  const samples = join(folder, 'samples');
  if (!existsSync(samples)) return [];
  const files = readdirSync(samples)
    .filter((name) => name.endsWith('.png'))
    .sort();
  const steps = [...new Set(files.map((name) => name.slice(0, 11)))];
  const planes = config.views.crop.length === 3 ? PLANES : '';
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
