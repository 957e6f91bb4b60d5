/** Decodes one file and says whether it is fit by itself; duplicates are a matter of the whole list. */
import { createHash } from 'node:crypto';
import { InputError } from '../core/errors.js';
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
    // A codec that cannot be loaded says nothing of the file.
    if (!(error instanceof InputError) || error.code === 'engine') throw error;
    const state = error instanceof TruncatedImageError ? 'truncated' : 'unreadable';
    const line = error.message.split('\n')[0]!;
    return { report: { file, state, reason: line.startsWith(`${file}: `) ? line.slice(file.length + 2) : line } };
  }
  const report = examineDecoded(file, decoded, demands);
  if (report.state !== 'ok') return { report };
  const hash = createHash('sha256');
  for (const piece of contentBytes(decoded)) hash.update(piece);
  return { report, decoded, content: hash.digest('hex') };
}
