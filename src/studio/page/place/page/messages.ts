/** What the page and the worker of its own work say to each other. */
import type { PlaceCalls } from '../place';

export type CallName = keyof PlaceCalls;

const names: Readonly<Record<CallName, true>> = {
  facts: true,
  runs: true,
  curves: true,
  settings: true,
  log: true,
  pictures: true,
  picture: true,
  stop: true,
  resume: true,
  extend: true,
  pretrain: true,
  doctor: true,
  forecast: true,
  folder: true,
  image: true,
  filesOf: true,
  projects: true,
  project: true,
  newProject: true,
  changeProject: true,
  hold: true,
  drawn: true,
  saveDrawn: true,
  importMask: true,
  exportMasks: true,
  train: true,
  predict: true,
  progress: true,
  predictedBy: true,
  prediction: true,
  distances: true,
  features: true,
  colours: true,
  registration: true,
  sample: true,
  results: true,
  resultMaps: true,
  addImages: true,
  exportRun: true,
  importRun: true,
  removeRun: true,
  removeProject: true,
  removeImages: true,
  exportOnnx: true,
};
export const callNames = Object.keys(names) as CallName[];

export interface PageRequest {
  readonly id: number;
  readonly name: CallName;
  readonly args: readonly unknown[];
  /** The absolute address of the folder with the runtime's files. */
  readonly assets: string;
}

export type PageAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: string };
