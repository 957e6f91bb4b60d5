/** The dispersion of several networks as a text table, as CSV and as a page. */
import { csv } from '../../metrics/csv.js';
import { textTable } from '../../metrics/text-table.js';
import type { Answer, PlotOptions, Report } from '../../report/index.js';
import { type Level, levels, type ProbeScore } from '../index.js';
import { type Dispersion, type MeasuredNetwork, NEIGHBOURS } from './measure.js';

export interface DispersionReport {
  readonly kind: 'dispersion';
  readonly data: string;
  /** Names of the cases that were drawn. */
  readonly cases: readonly string[];
  /** The classes, and how many pixels of each were drawn. */
  readonly classes: readonly { readonly label: number; readonly name: string; readonly samples: number }[];
  readonly level: Level;
  readonly seed: number;
  readonly networks: readonly Dispersion[];
}

/** Two tables with a row for each network, in at most 80 columns. */
export function dispersionText({ networks, classes }: DispersionReport): string {
  const rows = networks.map(({ name, cosine, euclidean, effectiveRank, neighbourAgreement, silhouette }) => [
    short(name, 22),
    '',
    number(cosine.ratio),
    number(euclidean.ratio),
    number(neighbourAgreement),
    number(silhouette),
    effectiveRank.toFixed(2),
  ]);
  const header = ['network', '', 'cosine', 'Euclid', 'neighbours', 'silhouette', 'rank'];
  const probes = networks.map(({ name, probe }) => [
    short(name, 22),
    '',
    ...probe.levels.map(({ score }) => number(score?.accuracy ?? null)),
    number(probe.all?.accuracy ?? null),
  ]);
  const ofLevels = ['linear probe', '', ...levels.map((level) => `level ${level}`), 'all'];
  return [
    textTable(header, rows),
    'cosine, Euclid: distance within classes / between classes',
    '',
    textTable(ofLevels, probes),
    `share of the pixels of unseen cases that are named rightly; by chance ${chanceOf(classes).toFixed(3)}`,
    '',
  ].join('\n');
}

/** What naming at random gets right, of classes that count equally. */
function chanceOf(classes: DispersionReport['classes']): number {
  return 1 / Math.max(1, classes.filter(({ samples }) => samples > 0).length);
}

export function dispersionCsv({ networks }: DispersionReport): string {
  const header = [
    'network',
    'step',
    ...['cosine', 'euclidean'].flatMap((name) => [`${name}Intra`, `${name}Inter`, `${name}Ratio`]),
    'neighbourAgreement',
    'silhouette',
    'effectiveRank',
    ...levels.map((level) => `probe${level}`),
    ...['probeAll', 'probeAllLow', 'probeAllHigh'],
    ...(networks[0]?.correlation ?? []).map(({ distance }) => `correlation${distance}`),
  ];
  const rows = networks.map((one) => [
    one.name,
    one.step,
    ...[one.cosine, one.euclidean].flatMap(({ intra, inter, ratio }) => [intra, inter, ratio]),
    one.neighbourAgreement,
    one.silhouette,
    one.effectiveRank,
    ...one.probe.levels.map(({ score }) => score?.accuracy ?? null),
    ...[one.probe.all?.accuracy ?? null, one.probe.all?.low ?? null, one.probe.all?.high ?? null],
    ...(networks[0]?.correlation ?? []).map(
      ({ distance }) => one.correlation.find((entry) => entry.distance === distance)?.value ?? null,
    ),
  ]);
  return csv([header, ...rows]);
}

/** Everything on one page. @param labels the class of each point */
export function dispersionPage(
  report: DispersionReport,
  measured: readonly MeasuredNetwork[],
  labels: Uint8Array,
  picture: Uint8Array,
): Report {
  const { data, cases, classes, level, seed, networks } = report;
  const names = classes.map(({ name }) => name);
  return {
    title: 'Dispersion of features',
    answer: probeAnswer(report),
    summary: {
      data,
      cases: cases.length,
      pixels: labels.length,
      classes: classes.filter(({ samples }) => samples > 0).length,
      'decoder level': level,
    },
    config: {
      data,
      cases: cases.join(', '),
      seed,
      level,
      pixels: Object.fromEntries(classes.map(({ name, samples }) => [name, samples])),
      weights: Object.fromEntries(networks.map(({ name, source, step }) => [name, `${source}, step ${step}`])),
    },
    tables: [probes(report), overview(report), withinClasses(report)],
    plots: plotsOf(networks),
    scatters: measured.map(({ dispersion, points }) => ({
      title: `t-SNE: ${short(dispersion.name, 40)}`,
      points,
      labels,
      classes: names,
    })),
    samples: [
      {
        name: 'features.png',
        png: picture,
        caption: 'the first cases with their labels; three principal components of the features as red, green and blue',
      },
    ],
  };
}

/** So many networks are named in the answer. */
const NAMED = 3;

/** What the probes of all levels say, best first. */
export function probeAnswer({ networks, classes }: DispersionReport): Answer {
  const question = 'How well do the features of a network tell the classes apart, with nothing but a linear map?';
  const scored = networks.flatMap(({ name, probe: { all } }) => (all ? [{ name, all }] : []));
  if (scored.length === 0) {
    return {
      question,
      answer: 'A linear probe learns from some cases and is judged by others: it takes two cases at least.',
    };
  }
  const best = scored.toSorted((a, b) => b.all.accuracy - a.all.accuracy);
  const shown = best.slice(0, NAMED).map(({ name, all }, index) => {
    const percent = (value: number) => (100 * value).toFixed(1);
    const range = all.low === null || all.high === null ? '' : ` (${percent(all.low)} to ${percent(all.high)})`;
    return `${percent(all.accuracy)} %${range} with ${index === 0 ? 'the features of ' : ''}${short(name, 40)}`;
  });
  const others = best.length > NAMED ? `, less with ${best.length - NAMED} more` : '';
  return {
    question,
    answer: `Of the pixels of cases that it has not seen, a linear map of all levels names rightly ${shown.join(', ')}${others}; chance would be ${(100 * chanceOf(classes)).toFixed(1)} %.`,
  };
}

function probes({ networks, classes }: DispersionReport): NonNullable<Report['tables']>[number] {
  const withInterval = (score: ProbeScore | null) => {
    if (!score) return '-';
    const range = score.low === null || score.high === null ? '' : ` (${number(score.low)} … ${number(score.high)})`;
    return `${number(score.accuracy)}${range}`;
  };
  return {
    title: 'Linear probe',
    caption:
      'The share of pixels whose class a linear map of the features names rightly, the mean over the classes; by chance ' +
      `${chanceOf(classes).toFixed(3)}. The interval is a 95 % bootstrap over the cases. Each half of the cases is named by a map that learned from the other. ` +
      'Level 4 is the full resolution, level 0 a sixteenth of it; all: upsampled and side by side.',
    header: ['network', ...levels.map((level) => `level ${level}`), 'all levels'],
    rows: networks.map(({ name, probe }) => [
      name,
      ...probe.levels.map(({ score }) => number(score?.accuracy ?? null)),
      withInterval(probe.all),
    ]),
  };
}

function overview({ networks, classes }: DispersionReport): NonNullable<Report['tables']>[number] {
  const chance = chanceOf(classes);
  return {
    title: 'Within classes and between them',
    caption:
      'A ratio below 1 says that pixels of one class lie closer together than pixels of two. ' +
      `Neighbours: the share of the ${NEIGHBOURS} nearest pixels, in other images, that are of the same class; by chance ${chance.toFixed(2)}. ` +
      'The silhouette runs from −1 to 1, the effective rank from 1 to the number of channels.',
    header: [
      'network',
      'cosine within',
      'between',
      'ratio',
      'Euclidean within',
      'between',
      'ratio',
      'neighbours',
      'silhouette',
      'effective rank',
    ],
    rows: networks.map(({ name, channels, cosine, euclidean, neighbourAgreement, silhouette, effectiveRank }) => [
      name,
      ...[cosine, euclidean].flatMap(({ intra, inter, ratio }) => [intra, inter, ratio].map((value) => number(value))),
      number(neighbourAgreement),
      number(silhouette),
      `${effectiveRank.toFixed(2)} of ${channels}`,
    ]),
  };
}

function withinClasses({ networks, classes }: DispersionReport): NonNullable<Report['tables']>[number] {
  const present = classes.filter(({ samples }) => samples > 0);
  return {
    title: 'Cosine distance within each class',
    caption: 'The mean over all pairs of pixels of the class.',
    header: ['network', ...present.map(({ name }) => name)],
    rows: networks.map(({ name, cosine }) => [
      name,
      ...present.map(({ label }) => number(cosine.classes.find((entry) => entry.label === label)?.intra ?? null)),
    ]),
  };
}

function plotsOf(networks: readonly Dispersion[]): PlotOptions[] {
  return [
    {
      title: 'Correlation of features by distance',
      xLabel: 'log2 of the distance in pixels',
      zero: true,
      series: networks.map(({ name, correlation }) => ({
        name: short(name, 24),
        points: correlation.map(({ distance, value }) => [Math.log2(distance), value] as const),
      })),
    },
    {
      title: 'Singular values, as shares of their sum',
      xLabel: 'index',
      log: true,
      series: networks.map(({ name, singularSpectrum }) => ({
        name: short(name, 24),
        points: singularSpectrum.map((value, index) => [index + 1, value] as const),
      })),
    },
  ];
}

/** The end of a path tells networks apart; the start gives way. */
function short(name: string, letters: number): string {
  return name.length > letters ? `…${name.slice(name.length - letters + 1)}` : name;
}

/** Three digits after the point, or as many as a small value needs. */
function number(value: number | null): string {
  if (value === null) return '-';
  return value !== 0 && Math.abs(value) < 0.01 ? value.toPrecision(2) : value.toFixed(3);
}
