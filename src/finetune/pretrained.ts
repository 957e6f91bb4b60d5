/** The pretrained network that a fine-tuning begins with: what the run must take over from it, and its weights. */
import { statSync } from 'node:fs';
import { InputError } from '../core/errors.js';
import { bestCheckpoint, latestCheckpoint } from '../pretrain/checkpoint.js';
import { type Config, configSchema } from '../pretrain/config-index.js';
import { storedSettings } from '../train/stored-settings.js';
import { trainedShape } from '../use/index.js';
import { loadSafetensors } from '../weights/index.js';
import { finetuneSchema } from './config.js';

export interface Pretrained {
  /** The file of the weights. */
  readonly file: string;
  /** Channels of the images. */
  readonly inputs: 1 | 3;
  /** Channels of the nine blocks. */
  readonly channels: readonly number[];
  readonly dims: 2 | 3;
  /** The extents of the images that it was trained on. */
  readonly shape: readonly number[];
  /** The extents of the windows that it saw. */
  readonly window: readonly number[];
  /** How volumes came to it. */
  readonly fit: Config['data']['fit'];
  readonly spacing: Config['data']['spacing'];
  readonly intensity: Config['data']['intensity'];
}

/**
 * @param path a run folder (its best checkpoint, or the latest), a checkpoint, or a file of `cover export` or `cover import`;
 * pretrained or fine-tuned
 * @throws InputError ('checkpoint') when the file says nothing of its network
 */
export function readPretrained(path: string): Pretrained {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) {
    throw new InputError(
      'checkpoint',
      `${path}: expected a run folder or a .safetensors file, found nothing of that name`,
      'Check the path, or begin without pretraining: --from scratch',
    );
  }
  const file = stats.isDirectory() ? (bestCheckpoint(path) ?? latestCheckpoint(path)) : path;
  if (/\.(pth|pt|ckpt|bin)$/i.test(file)) throw importFirst(file, 'a PyTorch checkpoint');
  const { metadata } = loadSafetensors(file);
  if (metadata.config === undefined) throw importFirst(file, 'weights alone');
  const content = storedSettings(JSON.parse(metadata.config));
  if (metadata.task !== undefined) {
    const { data, views, model } = finetuneSchema.parse(content);
    const fit = data.fit ?? 'resize';
    const known = { file, inputs: data.channels, channels: model.channels, fit, ...windowOf(views.crop) };
    const shape = fit === 'resize' ? data.size : views.crop;
    return { ...known, shape, spacing: data.spacing, intensity: data.intensity ?? 'auto' };
  }
  const config: Config = configSchema.parse(content);
  const { channels: inputs, fit, spacing, intensity } = config.data;
  const shape = trainedShape(config);
  return {
    file,
    inputs,
    channels: config.model.channels,
    shape,
    fit,
    spacing,
    intensity,
    ...windowOf(config.views.crop),
  };
}

function windowOf(window: readonly number[]): Pick<Pretrained, 'window' | 'dims'> {
  return { window, dims: window.length === 3 ? 3 : 2 };
}

function importFirst(file: string, found: string): InputError {
  return new InputError(
    'checkpoint',
    `${file}: expected weights with their configuration, found ${found}`,
    `Import them first: cover import ${file} -o model.safetensors`,
  );
}
