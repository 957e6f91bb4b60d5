/** What was found in a file, and whether it is fit for training; and in all files of a dataset. */
import type { DataKind } from './options.js';

export const FILE_STATES = ['ok', 'unreadable', 'truncated', 'too small', 'constant', 'mask', 'duplicate'] as const;
export type FileState = (typeof FILE_STATES)[number];

export interface FileReport {
  readonly file: string;
  readonly state: FileState;
  /** Why the file is not fit; empty for `ok`. */
  readonly reason: string;
  /** What was decoded, where decoding worked: [H, W], or [z, y, x] of a volume in RAS. */
  readonly shape?: readonly number[];
  readonly channels?: number;
  readonly bitDepth?: number;
  /** Volumes: edges of a voxel along [z, y, x] in RAS, in mm. */
  readonly spacing?: readonly number[];
  /** Volumes: where the file's x, y and z run to, such as LPS. */
  readonly orientation?: string;
  /** Volumes: how a value is stored, such as int16. */
  readonly type?: string;
  /** What had to be assumed or repaired, and what looks wrong though the file can be used, a sentence each. */
  readonly warnings?: readonly string[];
}

/** The report of a file whose content another one has. */
export function duplicateOf(report: FileReport, original: string): FileReport {
  return { ...report, state: 'duplicate', reason: `same content as ${original}` };
}

export interface DoctorReport {
  readonly kind: DataKind;
  /** One entry for each file, in the order given. */
  readonly files: readonly FileReport[];
  /** The files that are fit for training, in the order given; of duplicates the first. */
  readonly usable: readonly string[];
  readonly counts: Readonly<Record<FileState, number>>;
}

/** The report of files that were examined one by one: of equal contents the first is used. */
export function doctorReport(
  kind: DataKind,
  found: readonly { readonly report: FileReport; readonly content?: string | undefined }[],
): DoctorReport {
  const first = new Map<string, string>();
  const reports = found.map(({ report, content }): FileReport => {
    if (report.state !== 'ok' || content === undefined) return report;
    const original = first.get(content);
    if (original === undefined) {
      first.set(content, report.file);
      return report;
    }
    return duplicateOf(report, original);
  });
  const counts = Object.fromEntries(
    FILE_STATES.map((state) => [state, reports.filter((report) => report.state === state).length]),
  ) as Record<FileState, number>;
  return {
    kind,
    files: reports,
    usable: reports.filter(({ state }) => state === 'ok').map(({ file }) => file),
    counts,
  };
}
