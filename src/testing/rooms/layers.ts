/**
 * The rooms of the house and the order they stand in. A room may import only rooms of a lower level; rooms side by side
 * do not know each other. A new folder of src/ needs a line here.
 */

export interface Room {
  /** The folder below src/; `engine/node` and `engine/web` are rooms of their own. */
  readonly name: string;
  /** Imports go from higher to lower levels. */
  readonly level: number;
  readonly purpose: string;
  /** Works in a page as it does in a terminal: nothing that it reaches imports Node. */
  readonly anywhere?: boolean;
}

export const rooms: readonly Room[] = [
  { name: 'core', level: 0, anywhere: true, purpose: 'tensors, errors, random streams' },
  { name: 'cluster', level: 3, purpose: 'one run on several machines: MPI, job arrays' },
  { name: 'kernels', level: 1, anywhere: true, purpose: 'operators of our own, as machine code' },
  { name: 'graph', level: 1, anywhere: true, purpose: 'ONNX operators with their gradients, as values' },
  { name: 'system', level: 1, purpose: 'files that are whole or absent, locks, free memory' },
  { name: 'onnx', level: 2, anywhere: true, purpose: 'the bytes of an ONNX file' },
  { name: 'image', level: 2, purpose: 'formats and geometry of images and volumes' },
  { name: 'engine', level: 3, anywhere: true, purpose: 'programs and their state, on any runtime' },
  { name: 'weights', level: 3, purpose: 'safetensors, PyTorch files, transfer of parameters' },
  { name: 'phantom', level: 3, purpose: 'drawn chests, flat and solid' },
  { name: 'metrics', level: 3, purpose: 'scores of segmentations and classifications, with intervals' },
  { name: 'engine/node', level: 4, purpose: 'onnxruntime-node, in a worker' },
  { name: 'engine/web', level: 4, purpose: 'onnxruntime-web, in a page' },
  { name: 'nn', level: 4, anywhere: true, purpose: 'the U-Net and its parameters' },
  { name: 'views', level: 4, anywhere: true, purpose: 'two views of an image, and the field between them' },
  { name: 'features', level: 5, anywhere: true, purpose: 'what features are like: components, spread, rank' },
  { name: 'report', level: 6, purpose: 'pictures and pages, drawn from records' },
  { name: 'data', level: 7, purpose: 'which files, which cases, which part; cache and loader' },
  { name: 'train', level: 8, anywhere: true, purpose: 'the training layer: run, loop, trainer, optimiser' },
  { name: 'pretrain', level: 9, anywhere: true, purpose: 'COVER and its baselines, a folder each' },
  { name: 'finetune', level: 10, anywhere: true, purpose: 'segmentation and classification, a folder each' },
  { name: 'use', level: 11, anywhere: true, purpose: 'embed, match, register, segment, classify, export' },
  { name: 'node', level: 12, purpose: 'where trainings meet files, workers and threads' },
  { name: 'benchmark', level: 13, purpose: 'initialisation × task × labels × seed, with paired tests' },

  { name: 'browser', level: 14, purpose: 'the training in a page' },
  { name: 'studio', level: 15, purpose: 'the page and its server' },
  { name: 'cli', level: 16, purpose: 'commands: parse, call the room below, print' },
  { name: 'site', level: 16, purpose: 'the documentation and the playground as files for any host' },
  { name: 'index', level: 17, purpose: 'the library: what a program may import' },
];

/** Folders that do not know each other: a method, a task and a format are leaves. */
export const siblings: readonly string[] = ['pretrain', 'finetune', 'image/formats'];

/** What works in a terminal alone. */
export const isOfNode = (specifier: string): boolean =>
  specifier.startsWith('node:') || ['sharp', 'onnxruntime-node', 'koffi', 'playwright-core'].includes(specifier);

/** Not published, and free to import what they test. */
export const isApart = (file: string): boolean => /\.test\.ts$|(^|\/)fixtures(\.ts$|\/)|^testing\/|^bench\//.test(file);

export function roomOf(file: string): string {
  const [first = '', second = '', third] = file.split('/');
  if (second === '') return 'index';
  return first === 'engine' && third !== undefined ? `engine/${second}` : first;
}
