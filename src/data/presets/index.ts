/** Named datasets: the tasks that the paper measures. */
export { checkPreset, type PresetCheck, presetLayout } from './layout.js';
export type { DatasetPreset } from './preset.js';
export { datasetPresets, type PresetName, presetNames } from './presets.js';
