/** Decodes one file and says whether it is fit by itself; duplicates are a matter of the whole list. */
import { createHash } from 'node:crypto';
import { faultOf } from '../core/errors.js';
import { TruncatedImageError } from '../image/index.js';
import type { Decoded } from './decoded.js';
import { contentBytes, type Demands, examineDecoded } from './examine.js';
import { readData } from './read.js';
import type { FileReport } from './report.js';

/** What was found in one file; what it holds and the hash of its content where it is fit by itself. */
export interface Examination {
  readonly report: FileReport;
  readonly decoded?: Decoded;
  readonly content?: string;
}

/** A bad file is reported, not thrown. */
export async function examineFile(file: string, demands: Demands): Promise<Examination> {
  let decoded: Decoded;
  try {
    decoded = await readData(file, demands.kind);
  } catch (error) {
    const reason = faultOf(error, file);
    return { report: { file, state: error instanceof TruncatedImageError ? 'truncated' : 'unreadable', reason } };
  }
  const report = examineDecoded(file, decoded, demands);
  if (report.state !== 'ok') return { report };
  const hash = createHash('sha256');
  for (const piece of contentBytes(decoded)) hash.update(piece);
  return { report, decoded, content: hash.digest('hex') };
}
