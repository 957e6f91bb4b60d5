/** Writes reports as files: complete JSON, a CSV of the cases and the table as text. */
import { join } from 'node:path';
import { writeFileAtomic } from '../system/files.js';
import type { ClassificationReport, Predictions } from './classification.js';
import { classificationCsv, classificationText } from './classification-report.js';
import { type SegmentationReport, segmentationCsv, segmentationText } from './segmentation-report.js';

/**
 * Writes `segmentation.json`, `segmentation.csv` and `segmentation.txt` into a folder, which is made where needed.
 * @returns the paths
 * @throws InputError ('file') when the folder cannot be written.
 */
export function writeSegmentation(folder: string, report: SegmentationReport): string[] {
  return writeAll(folder, 'segmentation', json(report), segmentationCsv(report), segmentationText(report));
}

/**
 * Writes `classification.json`, `classification.csv` and `classification.txt` into a folder, which is made where
 * needed.
 * @returns the paths
 * @throws InputError ('file') when the folder cannot be written.
 */
export function writeClassification(folder: string, report: ClassificationReport, predictions: Predictions): string[] {
  return writeAll(folder, 'classification', json(report), classificationCsv(predictions), classificationText(report));
}

const json = (report: object) => `${JSON.stringify(report, null, 2)}\n`;

function writeAll(folder: string, name: string, ...contents: readonly [json: string, csv: string, text: string]) {
  return (['json', 'csv', 'txt'] as const).map((extension, index) => {
    const path = join(folder, `${name}.${extension}`);
    writeFileAtomic(path, contents[index]!);
    return path;
  });
}
