/**
 * Examines the files of a dataset before anything is trained on them: every file is decoded, and what is unfit is named
 * with the reason. Duplicates are found by their decoded content, so that a copy in another format or under another
 * name counts.
 */
import type { SlicePlane } from '../image/index.js';
import { examineFile } from './examine-file.js';
import type { DataKind } from './kinds.js';
import { labelProblem } from './label-grid.js';
import { mapLimited } from './parallel.js';
import { type DoctorReport, doctorReport } from './report.js';

export interface ExamineOptions {
  /** What the files are; images by default. */
  readonly kind?: DataKind;
  /** The smallest extent that each axis must have; by default 32 pixels, or 8 voxels of volumes. */
  readonly minimumSize?: number | null;
  /** Volumes that are used slice by slice. */
  readonly slices?: SlicePlane | null;
  /** How many files are decoded at once; by default 4 images or 1 volume. */
  readonly parallel?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Decodes every file and says which are fit. A bad file is reported, not thrown. Of a volume in a folder `images`, the
 * labels beside it are looked at, too.
 */
export async function examine(
  files: readonly string[],
  {
    kind = 'images',
    minimumSize = null,
    slices = null,
    parallel = kind === 'images' ? 4 : 1,
    onProgress,
  }: ExamineOptions = {},
): Promise<DoctorReport> {
  let done = 0;
  const found = await mapLimited(files, parallel, async (file) => {
    const { report, content, decoded } = await examineFile(file, { kind, minimumSize, slices });
    const problem = decoded?.kind === 'volumes' ? await labelProblem(file, decoded.stored) : undefined;
    onProgress?.(++done, files.length);
    return { report: problem ? { ...report, warnings: [...(report.warnings ?? []), problem] } : report, content };
  });
  return doctorReport(kind, found);
}
