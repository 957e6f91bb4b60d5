/** What was found in a file, and whether it is fit for training. */

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
