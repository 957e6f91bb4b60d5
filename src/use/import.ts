/**
 * Weights from elsewhere, above all the authors' PyTorch checkpoints, made a model of this project. What the shapes
 * tell of the network (channels, heads, axes) is read from them; the rest is a matter of the configuration, whose
 * default here is the authors' release.
 */
import { InputError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import { buffers, type Config, deduced as methodSettings, readConfig } from '../pretrain/config.js';
import type { YamlFile } from '../train/config/read.js';
import { storedSettings } from '../train/stored-settings.js';
import { readSafetensors, type TransferReport, toFloat32, transfer } from '../weights/index.js';
import { readPth, stateDictOf } from '../weights/pth.js';
import { createModel, keptSpecs, type Model } from './model.js';

export interface ImportOptions {
  /** A YAML configuration; with it nothing is deduced from the shapes. */
  readonly config?: YamlFile | undefined;
  /** Settings such as `model.warp=aligned`; they win over everything else. */
  readonly settings?: readonly string[];
}

export interface Imported {
  /** `null` where a part of the network is missing or has another shape. */
  readonly model: Model | null;
  /** What became of every parameter. */
  readonly report: TransferReport;
  /** The settings that were deduced from the shapes. */
  readonly deduced: readonly string[];
}

/** The first byte of a safetensors header, behind its length. */
const JSON_START = 0x7b;

/**
 * The crop of a network for volumes: that it has three axes is read from the weights, their extents are not in them.
 */
const VOLUME_CROP = [96, 96, 96];

/** Blocks of the U-Net, encoder from full resolution down, decoder back up; a block's channels are its first bias. */
const BLOCKS = [
  'inc.double_conv',
  ...[1, 2, 3, 4].map((level) => `down${level}.maxpool_conv.1.double_conv`),
  ...[1, 2, 3, 4].map((level) => `up${level}.conv.double_conv`),
].map((name) => `backbone.${name}`);

/**
 * Reads a `.pth` file (zip or older format; nothing in it is run) or safetensors, and fits it to a network.
 * @param path of the file, for messages
 * @throws InputError ('weights') when the bytes are not valid or hold no such backbone, ('config') for a wrong setting
 */
export function importedModel(bytes: Uint8Array, path: string, options: ImportOptions = {}): Imported {
  const { config: file, settings = [] } = options;
  const { named, own } = readTensors(bytes, path);
  const source = prefixed(named);
  const deduced = file || own.length ? [] : deduce(named, source, path);
  const base = file ? { file } : { preset: 'release' };
  const config = readConfig({ ...base, settings: [...(file ? [] : own), ...deduced, ...settings] });
  const report = transfer(source, targetShapes(config, source));
  const whole = report.missing.length === 0 && report.mismatched.length === 0;
  return { model: whole ? createModel(config, report.tensors, { source: path }) : null, report, deduced };
}

/**
 * The tensors of a file, and its settings where it is one of this project. The content decides on the format, not the
 * name.
 */
function readTensors(
  bytes: Uint8Array,
  path: string,
): { readonly named: Map<string, Tensor>; readonly own: readonly string[] } {
  const safetensors = bytes[8] === JSON_START || path.endsWith('.safetensors');
  const { tensors, metadata } = safetensors
    ? readSafetensors(bytes, path)
    : { tensors: stateDictOf(readPth(bytes, path).root, path), metadata: {} };
  const named = new Map([...tensors].map(([name, value]) => [name, toFloat32(value)]));
  return { named, own: settingsOf(metadata.config) };
}

/** The configuration that a checkpoint carries, as settings. */
function settingsOf(json: string | undefined): string[] {
  if (json === undefined) return [];
  let config: unknown;
  try {
    config = JSON.parse(json);
  } catch {
    return [];
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config)) return [];
  return Object.entries(storedSettings(config) as object).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
}

/**
 * Names as the full network has them: a bare U-Net is the backbone; moments and what is no parameter of any method are
 * left behind.
 */
function prefixed(source: ReadonlyMap<string, Tensor>): Map<string, Tensor> {
  const bare = source.has('inc.double_conv.0.weight');
  const entries = [...source].filter(([name]) => !name.startsWith('optimizer.') && !buffers.has(name));
  return new Map(
    entries.map(([name, value]) => [bare && !name.startsWith('proj.') ? `backbone.${name}` : name, value]),
  );
}

/** @param named the tensors as they are in the file; @param source under the names of the full network */
function deduce(named: ReadonlyMap<string, Tensor>, source: ReadonlyMap<string, Tensor>, path: string): string[] {
  const first = source.get(`${BLOCKS[0]}.0.weight`)?.shape;
  const channels = BLOCKS.map((block) => source.get(`${block}.0.bias`)?.shape[0]);
  if (!first || channels.includes(undefined)) {
    throw new InputError(
      'weights',
      `${path}: expected the names of a five-level U-Net, such as ${BLOCKS[0]}.0.weight; found ` +
        `${[...source.keys()].slice(0, 3).join(', ') || 'no tensor'}`,
      'Choose a checkpoint of the whole network, or state the network with --config.',
    );
  }
  if (first.length !== 4 && first.length !== 5) {
    throw new InputError(
      'weights',
      `${path}: expected a network of images or volumes, whose first weight has 4 or 5 axes; found ${first.length}`,
      'Choose a checkpoint of a 2D or 3D U-Net.',
    );
  }
  return [
    ...(first.length === 5 ? [`views.crop=[${VOLUME_CROP.join(', ')}]`] : []),
    `data.channels=${first[1]}`,
    `model.channels=[${channels.join(', ')}]`,
    ...methodSettings((name) => (named.get(name) ?? source.get(name))?.shape),
  ];
}

/** What is expected, by name. */
function targetShapes(config: Config, source: ReadonlyMap<string, Tensor>): Map<string, readonly number[]> {
  return new Map(keptSpecs(config, source).specs.map(({ name, shape }) => [name, shape]));
}
