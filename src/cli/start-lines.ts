/** What `cover pretrain` prints before the first step, in lines of at most 80 columns. */
import { firstFewLines } from '../core/lists.js';
import { printableMessage } from '../core/printable.js';
import { keepEnd } from '../core/wrap.js';
import { FILE_STATES, type FileReport } from '../data/index.js';
import { type FileWarnings, warningLines } from '../data/warnings.js';
import { unfinishedPretraining, unfinishedText } from '../node/unfinished.js';
import type { RunFacts } from '../pretrain/run.js';
import type { InitialWeights } from '../train/initial-weights.js';
import { inGigabytes, type MemoryNeed } from '../train/memory.js';
import { formatTransferReport } from '../weights/index.js';

const WIDTH = 80;
/** Of the files that are left out, this many are listed. */
const LISTED = 5;

export function memoryLine({ needed, free }: MemoryNeed): string {
  return `memory: about ${inGigabytes(needed)} needed, ${inGigabytes(free)} free`;
}

export function initialWeightsLines({ file, report }: InitialWeights): string[] {
  const unfinished = unfinishedPretraining(file);
  return [
    'initial weights from',
    `  ${keepEnd(file, WIDTH - 2)}`,
    ...formatTransferReport(report).split('\n'),
    ...(unfinished ? [printableMessage(`note: ${unfinishedText(unfinished)}`)] : []),
  ];
}

export function factLines({
  method,
  device,
  passedOver,
  parameters,
  images,
  validation,
  leftOut,
  warned,
  notImages,
  kind,
  smaller,
  fit,
  imageShape,
  steps,
  curriculumSteps,
}: RunFacts): string[] {
  const lines = [
    ...passedOver.map((reason) => `not ${reason}`),
    `method ${method}`,
    `device ${device}, ${(parameters / 1e6).toFixed(2)} M parameters`,
    `${images} training and ${validation} validation ${kind}`,
    ...leftOutLines(leftOut),
    ...lookLines(warned, kind),
    ...notImages.map(({ count, reason }) => `not taken for images: ${count} ${reason}`),
  ];
  if (smaller) {
    const extents = `${imageShape.join(' × ')} ${kind === 'images' ? 'pixels' : 'voxels'}`;
    lines.push(`${smaller} ${kind} have fewer than ${extents} and are ${fit === 'resize' ? 'enlarged' : 'padded'}`);
  }
  if (curriculumSteps > steps) {
    lines.push(
      `views reach their whole strength at step ${curriculumSteps}, after the last of ${steps} steps:`,
      '  set views.curriculum.steps lower, or views.curriculum=null',
    );
  }
  return lines;
}

/** What the readers of files in use had to assume. */
export function lookLines(warned: readonly FileWarnings[], kind: string): string[] {
  if (warned.length === 0) return [];
  const head = `worth a look (data.json lists them): ${warned.length} of the ${kind} in use`;
  return [head, ...warningLines(warned)];
}

function leftOutLines(leftOut: readonly FileReport[]): string[] {
  if (leftOut.length === 0) return [];
  const counts = FILE_STATES.map(
    (state) => [leftOut.filter((report) => report.state === state).length, state] as const,
  );
  const named = counts.filter(([count]) => count > 0).map(([count, state]) => `${count} ${state}`);
  const head = `${leftOut.length} files left out (data.json lists them): ${named.join(', ')}`;
  const linesOf = ({ file, state, reason }: FileReport) => [
    `  ${state.padEnd(10)}  ${keepEnd(file, WIDTH - 14)}`,
    `${' '.repeat(14)}${keepEnd(reason, WIDTH - 14)}`,
  ];
  return [head, ...firstFewLines(leftOut, LISTED, linesOf)];
}
