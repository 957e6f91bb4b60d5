/** Labelled data: layouts on disk, parts and label budgets, labels, samples. */
export type { CaseInput } from '../input.js';
export { readCaseInput } from '../read-input.js';
export { examineLabelled, type LabelledReport, labelledTasks } from './doctor.js';
export { formatLabelledReport } from './doctor-text.js';
export { createImageStore, type ImageStore, readKeptImage } from './image-store.js';
export { type LabelledCase, type Layout, type PartName, type Parts, partNames } from './labelled.js';
export {
  checkLabels,
  firstFile,
  type LabelFiles,
  type Labels,
  type Place,
  resizeLabels,
} from './labels.js';
export { filesById } from './layouts/files-by-id.js';
export { type LabelFolder, labelFolder } from './layouts/label-folder.js';
export { readLayout } from './layouts/read-layout.js';
export { divide, type LabelBudget, limitLabels } from './parts.js';
export { labelsOfCase, readLabels, readLabelsOn } from './read-labels.js';
export {
  type CaseRecipe,
  fitted,
  fittedGrid,
  gridOf,
  placeOf,
  recipeOf,
  valuesOf,
} from './recipe.js';
export { type Sample, SampleSet, type Samples } from './sample-set.js';
export { readSamples } from './samples.js';
