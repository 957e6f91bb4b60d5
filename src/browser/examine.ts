/** Whether a file of a page's dataset is fit for training, by itself; duplicates are a matter of the whole list. */
import { faultOf } from '../core/errors.js';
import type { Decoded } from '../data/decoded.js';
import { contentBytes, type Demands, examineDecoded } from '../data/examine.js';
import type { FileReport } from '../data/report.js';
import { TruncatedImageError } from '../image/index.js';
import type { TrainingHost } from '../train/host.js';
import { contentAt } from './dataset.js';
import type { OpfsStore } from './opfs-store.js';
import { readData } from './read-data.js';

/** What was found in one file; what it holds and the hash of its content where it is fit by itself. */
export interface Examination {
  readonly report: FileReport;
  readonly decoded?: Decoded;
  readonly content?: string;
}

/** A bad file is reported, not thrown. */
export async function examineFile(
  store: OpfsStore,
  file: string,
  demands: Demands,
  digest: TrainingHost['digest'],
): Promise<Examination> {
  let decoded: Decoded;
  try {
    decoded = await readData(await contentAt(store, file), file, demands.kind);
  } catch (error) {
    const reason = faultOf(error, file);
    return { report: { file, state: error instanceof TruncatedImageError ? 'truncated' : 'unreadable', reason } };
  }
  const report = examineDecoded(file, decoded, demands);
  return report.state === 'ok' ? { report, decoded, content: await digest(contentBytes(decoded)) } : { report };
}
