/** The report of a labelled dataset as text: cases, classes, parts, overlaps, and what each command will take. */
import { firstFew, firstFewLines } from '../../core/lists.js';
import { printable } from '../../core/printable.js';
import { wrap } from '../../core/wrap.js';
import type { LabelledReport } from './doctor.js';

/** So many problems and overlaps are listed; the rest is counted. */
const MOST = 20;

/**
 * @param images what a pretraining on the same folder takes, in words; undefined where it takes none
 */
export function formatLabelledReport(report: LabelledReport, images: string | undefined): string {
  const { task, cases, patients, classes, multiLabel, parts, dividedBy, unused, overlaps, problems } = report;
  const { dividedPatients, notes, ignored } = report;
  const pixels = report.kind === 'images' ? 'pixels' : 'voxels';
  const of = task === 'segmentation' ? `share of ${pixels}` : 'share of cases';
  const lines = [
    `Labelled for ${task}${multiLabel ? ', classes may overlap' : ''}: ${cases} cases${patients < cases ? ` of ${patients} patients` : ''}`,
    `  ${'class'.padEnd(32)}${'cases'.padStart(8)}${of.padStart(20)}`,
    ...classes.map(
      ({ name, cases: count, share }) =>
        `  ${printable(name).slice(0, 31).padEnd(32)}${String(count).padStart(8)}${percent(share).padStart(20)}`,
    ),
  ];
  const absent = classes.filter(({ cases: count }) => count === 0).map(({ name }) => printable(name));
  if (absent.length > 0) lines.push(...wrapped(`In no case: ${absent.join(', ')}.`));
  if (ignored.share > 0) {
    lines.push(...wrapped(`${percent(ignored.share)} of the ${pixels} have the label ${ignored.label}, of no class.`));
  }
  if (parts) {
    const rest = unused > 0 ? `; ${unused} are in none` : '';
    const division = `Parts by ${printable(dividedBy)}: ${parts.train} training, ${parts.validation} validation, ${parts.test} test cases${rest}.`;
    lines.push('', ...wrapped(division));
  }
  if (overlaps.length > 0) {
    const lineOf = ({ parts: [a, b], cases: [one, other] }: (typeof overlaps)[number]) =>
      `  ${printable(one)} (${a}) and ${printable(other)} (${b})`;
    lines.push('', 'In several parts, by their content:', ...firstFewLines(overlaps, MOST, (one) => [lineOf(one)]));
  }
  if (dividedPatients.length > 0) {
    const names = firstFew(dividedPatients.map(printable), MOST);
    lines.push('', ...wrapped(`${dividedPatients.length} patients have cases in several parts: ${names}`));
  }
  for (const note of notes) lines.push('', ...wrapped(`Not used: ${printable(note)}.`));
  if (problems.length > 0) {
    const linesOf = (problem: string) => wrapped(printable(problem)).map((line) => `  ${line}`);
    lines.push('', 'A fine-tuning would refuse:', ...firstFewLines(problems, MOST, linesOf));
  }
  lines.push('', 'What later commands take of it:');
  const unmended = 'nothing before that is mended';
  const taken: readonly (readonly [string, string])[] = [
    ['pretrain', images ?? 'nothing'],
    [
      'finetune',
      problems.length > 0 || !parts
        ? unmended
        : `${parts.train} cases to train on, ${parts.validation} to choose the best step by`,
    ],
    [
      'evaluate',
      // Where the cases cannot be divided, which is a problem of its own, all of them can be scored yet.
      problems.length > (parts ? 0 : 1)
        ? unmended
        : parts
          ? `${parts.test} test cases for a network trained here, all ${cases} for another`
          : `all ${cases} cases`,
    ],
  ];
  for (const [command, what] of taken) {
    const [first, ...rest] = wrapped(what, 68);
    lines.push(`  ${command.padEnd(10)}${first}`, ...rest.map((line) => `            ${line}`));
  }
  return `${lines.join('\n')}\n`;
}

function wrapped(text: string, width = 78): string[] {
  return wrap(text, width).split('\n');
}

/** With as many digits as tell small classes apart. */
function percent(share: number): string {
  const value = 100 * share;
  return `${value >= 10 || value === 0 ? value.toFixed(1) : value.toPrecision(2)} %`;
}
