/**
 * What lies in a folder of images and is none: labels, in folders or beside their images, what commands of this program
 * write, and runs. Names decide, so that nothing has to be decoded.
 */

/** Files that are no images of the dataset, and why. */
export interface PassedOver {
  /** Why, in words. */
  readonly reason: string;
  readonly count: number;
  /** The first of them, or the folder that they are in. */
  readonly first: string;
}

/** Folders of labels: `labels`, `labelsTr`, `labels_lesion`, `masks`, `Ground truth` and the like. */
const LABEL_FOLDER = /^(labels?|masks?|segmentations?|annotations?|ground[ _-]?truths?|gt)((tr|ts|va)$|[ _-].*$|$)/i;

/** What `cover segment` writes beside label maps and masks. */
const RESULT = /\.(overlay\.png|probabilities\.nii\.gz)$/i;

/** Labels beside their images: `ID_mask.png`, `ID_mask_1.png`, `ID_seg.nii.gz`, `sub-01_dseg.nii.gz`. */
const LABEL_NAME = /^(.+)[_-](mask|masks|seg|dseg|label|labels|gt|segmentation)(_\d+)?$/i;

/** Files that stand in the folder of every run. */
const RUN_FILES = ['config.yaml', 'metrics.jsonl'] as const;

/** Whether a folder of this name holds labels. */
export function isLabelFolder(name: string): boolean {
  return LABEL_FOLDER.test(name);
}

/** Whether a file of this name is a picture or a table of probabilities that `cover segment` wrote. */
export function isResultName(name: string): boolean {
  return RESULT.test(name);
}

/** Whether a folder with these entries is that of a run. */
export function isRunFolder(names: readonly string[]): boolean {
  return RUN_FILES.every((name) => names.includes(name));
}

/**
 * The names among those of a folder, without extension, that are labels of others: what is before `_mask` begins the
 * name of another file.
 */
export function labelNames(stems: readonly string[]): ReadonlySet<string> {
  const marked = stems.flatMap((stem) => {
    const before = LABEL_NAME.exec(stem)?.[1];
    return before === undefined ? [] : [[stem, before] as const];
  });
  if (marked.length === 0) return new Set();
  const labels = new Set(marked.map(([stem]) => stem));
  const others = stems.filter((stem) => !labels.has(stem));
  const exact = new Set(others);
  const belongs = (before: string) =>
    exact.has(before) || others.some((stem) => /^[_-]/.test(stem.slice(before.length)) && stem.startsWith(before));
  return new Set(marked.filter(([, before]) => belongs(before)).map(([stem]) => stem));
}

/** Counts files that were passed over, by reason. */
export class PassedOverList {
  private readonly found = new Map<string, PassedOver>();

  add(reason: string, first: string, count = 1): void {
    const known = this.found.get(reason);
    this.found.set(reason, { reason, first: known?.first ?? first, count: (known?.count ?? 0) + count });
  }

  list(): PassedOver[] {
    return [...this.found.values()];
  }
}

/** What was passed over, in one sentence for an error; empty where nothing was. */
export function passedOverText(list: readonly PassedOver[]): string {
  return list.map(({ reason, count, first }) => `${count} ${reason} (${first})`).join(', ');
}
