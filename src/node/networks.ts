/** Networks of every kind on Node's engine, from models or from files. */
import { readFileSync } from 'node:fs';
import { sizeOf } from '../core/tensor.js';
import { type DeviceChoice, startCrew } from '../engine/index.js';
import { startEngine, threadsFor } from '../engine/node/index.js';
import { unreadable } from '../image/unreadable.js';
import { freeMemory } from '../system/free-memory.js';
import { type Classifier, createClassifier, createOnnxClassifier } from '../use/classification/classifier.js';
import type { FinetunedModel } from '../use/finetuned-model.js';
import { createNetwork, type Network, type NetworkHost, type Weights } from '../use/network.js';
import type { OnnxFile } from '../use/onnx-network.js';
import { createOnnxSegmenter, createSegmenter, type Segmenter } from '../use/segmentation/segment.js';

export interface NetworkOptions {
  readonly device?: DeviceChoice;
  /** Threads within an operator; 0 is OMP_NUM_THREADS or one per core. */
  readonly threads?: number;
  /**
   * About how many images the network will be asked for, where it is known: of many small ones, several are computed on
   * the CPU at the same time.
   */
  readonly images?: number;
  /** Try what the estimate of the memory says does not fit. */
  readonly ignoreMemory?: boolean;
}

/**
 * Starts an engine with the parameters of a pretrained model.
 * @throws InputError ('engine') when the device that was asked for does not work here
 * @example
 * const network = await openNetwork(loadModel('runs/xrays'));
 * const features = await embed(network, image);
 * await network.close();
 */
export function openNetwork<M extends Weights>(model: M, options: NetworkOptions = {}): Promise<Network<M>> {
  return createNetwork(model, hostOf(options));
}

/**
 * Starts an engine with a network that segments.
 * @param from a model, or the path of an ONNX file of `cover export`
 * @throws InputError ('config') for a network of another task, ('file') or ('checkpoint') for a file that is none of
 * `cover export`
 * @example
 * const segmenter = await openSegmenter(loadFinetuned('runs/lungs'));
 * const { labels } = await segment(segmenter, await readCaseInput('scan.png', segmenter));
 * await segmenter.close();
 */
export function openSegmenter(from: FinetunedModel | string, options: NetworkOptions = {}): Promise<Segmenter> {
  const host = hostOf(options);
  return typeof from === 'string' ? createOnnxSegmenter(onnxFile(from), host) : createSegmenter(from, host);
}

/**
 * Starts an engine with a network that classifies. @param from as for `openSegmenter`
 * @throws InputError as `openSegmenter` does
 * @example
 * const classifier = await openClassifier('pneumonia.onnx');
 * const input = await readCaseInput('scan.png', classifier);
 * const { data } = await classifier.classify(input); // a probability for each class
 */
export function openClassifier(from: FinetunedModel | string, options: NetworkOptions = {}): Promise<Classifier> {
  const host = hostOf(options);
  return typeof from === 'string' ? createOnnxClassifier(onnxFile(from), host) : createClassifier(from, host);
}

/** From so many images on, several at the same time are worth a network for each of them. */
const MANY = 16;
/** Networks that are kept in memory for that. */
const MOST = 4;
/** Of images of more pixels all threads share the operators nearly as well, and several need much memory. */
const SMALL = 2 ** 15;

export function hostOf({ device = 'cpu', threads = 0, images = 1, ignoreMemory = false }: NetworkOptions): NetworkHost {
  const all = threadsFor(threads);
  const start = (extents: readonly number[] = []) => {
    const small = extents.length > 0 && sizeOf(extents) <= SMALL;
    const size = device === 'cpu' && images >= MANY && small ? Math.min(all, MOST) : 1;
    return startCrew(() => startEngine({ device, threads: Math.floor(all / size) }), size);
  };
  return ignoreMemory ? { startEngine: start } : { startEngine: start, freeMemory: () => freeMemory() };
}

function onnxFile(path: string): OnnxFile {
  try {
    return { bytes: new Uint8Array(readFileSync(path)), source: path };
  } catch (cause) {
    throw unreadable(path, 'an ONNX file', cause, 'file');
  }
}
