/** What the list of runs shows of each, from its settings and the last records of its metrics. */
import type { RunSummary } from '../shared/protocol.js';
import type { MetricRecord } from './metrics.js';

export type Settings = Readonly<Record<string, unknown>>;

/** What records and settings alone say of a run. */
export type Outline = Pick<
  RunSummary,
  'kind' | 'method' | 'source' | 'from' | 'nd' | 'slices' | 'step' | 'steps' | 'secondsPerStep' | 'look'
>;

/** @param last the last record of the kinds `train` and `validation` */
export function outlineOf(settings: Settings, last: ReadonlyMap<string, MetricRecord>): Outline {
  const [train, validation] = [last.get('train'), last.get('validation')];
  const crop = settingAt(settings, 'views.crop');
  return {
    kind: 'task' in settings ? 'fine-tuning' : 'method' in settings ? 'pretraining' : 'unknown',
    method: textOf(settings.task ?? settings.method),
    source: textOf(settingAt(settings, 'data.source')),
    from: textOf(settingAt(settings, 'model.from')),
    nd: Array.isArray(crop) ? crop.length : null,
    slices: typeof settingAt(settings, 'data.slices') === 'string',
    step: Math.max(numberOf(train?.step) ?? 0, numberOf(validation?.step) ?? 0),
    steps: numberOf(settingAt(settings, 'schedule.steps')) ?? 0,
    secondsPerStep: numberOf(train?.seconds),
    look: lookOf(validation),
  };
}

/** The criterion of a look, whatever the method. */
function lookOf(record: MetricRecord | undefined): RunSummary['look'] {
  if (!record) return null;
  for (const [key, name] of [
    ['endpointError', 'EPE'],
    ['score', 'score'],
    ['loss', 'loss'],
  ] as const) {
    const value = numberOf(record[key]);
    if (value !== null) return { step: numberOf(record.step) ?? 0, name, value };
  }
  return null;
}

/** Settings that two runs must share to take the same time for a step. */
export const ALIKE = [
  'method',
  'device',
  'precision',
  'views.crop',
  'batch.size',
  'model.channels',
  'model.heads',
  'model.window',
];

/** `schedule.steps` and the like, of settings that nobody checked. */
export function settingAt(settings: Settings, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, part)
          ? (value as Settings)[part]
          : undefined,
      settings,
    );
}

/** Every setting by its dotted key, as text. */
export function flatSettings(settings: Settings, prefix = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]): [string, string][] =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(flatSettings(value as Settings, `${prefix}${key}.`))
        : [[`${prefix}${key}`, typeof value === 'string' ? value : JSON.stringify(value)]],
    ),
  );
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
