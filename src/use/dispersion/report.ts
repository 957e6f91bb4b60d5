/** The dispersion of several networks as a text table, as CSV and as a page. */

import { csv } from '../../metrics/csv.js';
import { textTable } from '../../metrics/text-table.js';
import type { PlotOptions, Report } from '../../report/index.js';
import type { Level } from '../index.js';
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

/** A row for each network, in at most 80 columns. */
export function dispersionText({ networks }: DispersionReport): string {
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
  return `${textTable(header, rows)}\ncosine, Euclid: distance within classes / between classes\n`;
}

export function dispersionCsv({ networks }: DispersionReport): string {
  const header = [
    'network',
    'step',
    ...['cosine', 'euclidean'].flatMap((name) => [`${name}Intra`, `${name}Inter`, `${name}Ratio`]),
    'neighbourAgreement',
    'silhouette',
    'effectiveRank',
    ...(networks[0]?.correlation ?? []).map(({ distance }) => `correlation${distance}`),
  ];
  const rows = networks.map((one) => [
    one.name,
    one.step,
    ...[one.cosine, one.euclidean].flatMap(({ intra, inter, ratio }) => [intra, inter, ratio]),
    one.neighbourAgreement,
    one.silhouette,
    one.effectiveRank,
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
    tables: [overview(report), withinClasses(report)],
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

function overview({ networks, classes }: DispersionReport): NonNullable<Report['tables']>[number] {
  const chance = 1 / Math.max(1, classes.filter(({ samples }) => samples > 0).length);
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
