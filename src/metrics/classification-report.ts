/** A classification report as CSV, with a row for each case and class, and as a text table. */
import type { Estimate } from './bootstrap.js';
import {
  type ClassificationReport,
  type ClassMetric,
  classMetrics,
  type Predictions,
  predictedClasses,
} from './classification.js';
import { csv } from './csv.js';
import { estimateColumns, textTable } from './text-table.js';

/** One row for each case and class, with a header: its probability, and whether it is true and predicted (1 or 0). */
export function classificationCsv(predictions: Predictions): string {
  const { cases, classes, probabilities, truth } = predictions;
  const predicted = predictedClasses(predictions);
  return csv([
    ['case', 'class', 'probability', 'true', 'predicted'],
    ...cases.flatMap((id, row) =>
      classes.map((name, column) => [
        id,
        name,
        probabilities[row * classes.length + column]!,
        truth[row] === column ? 1 : 0,
        predicted[row] === column ? 1 : 0,
      ]),
    ),
  ]);
}

const titles: Record<ClassMetric, string> = {
  auc: 'AUC',
  sensitivity: 'sensitivity',
  specificity: 'specificity',
  f1: 'F1',
};

/** A table of the metrics with their intervals, at most 80 columns wide. */
export function classificationText(report: ClassificationReport): string {
  const rows = (name: string, values: Readonly<Record<ClassMetric, Estimate>>, cases: number) =>
    classMetrics.map((metric, index) => [
      index === 0 ? name : '',
      titles[metric],
      ...estimateColumns({ ...values[metric], cases }, 3),
    ]);
  const header = ['class', 'metric', 'value', `${Number((report.level * 100).toFixed(1))} % interval`, 'cases'];
  const table = textTable(header, [
    ['all', 'accuracy', ...estimateColumns(report.accuracy, 3)],
    ['', 'calibration error', ...estimateColumns(report.calibrationError, 3)],
    ...rows('mean of classes', report.macro, report.cases),
    ...report.classes.flatMap(({ class: name, values, support }) => rows(name, values, support)),
  ]);
  return `${table}\n`;
}
