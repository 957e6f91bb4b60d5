/** The pretrained network that a fine-tuning begins with: what the run must take over from it. */
import { InputError } from '../core/errors.js';
import { type Config, configSchema } from '../pretrain/config.js';
import { storedConfig } from '../train/stored-settings.js';
import { viewImageShape } from '../views/index.js';
import type { WeightFile } from '../weights/index.js';
import { finetuneSchema } from './config.js';

export interface Pretrained {
  /** Its weights. */
  readonly weights: WeightFile;
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
  /** Of a network of two axes that saw volumes slice by slice. */
  readonly slices: Config['data']['slices'];
}

/**
 * @param weights those of a run or of a file of `cover export` or `cover import`; pretrained or fine-tuned
 * @throws InputError ('checkpoint') when the file says nothing of its network
 */
export function pretrainedOf(weights: WeightFile): Pretrained {
  const { file, metadata } = weights;
  if (/\.(pth|pt|ckpt|bin)$/i.test(file)) throw importFirst(file, 'a PyTorch checkpoint');
  if (metadata.config === undefined) throw importFirst(file, 'weights alone');
  const content = storedConfig(metadata.config);
  if (metadata.task !== undefined) {
    const { success, data: config } = finetuneSchema.safeParse(content);
    if (!success) throw importFirst(file, 'a configuration that is damaged');
    const { data, views, model } = config;
    const fit = data.fit ?? 'resize';
    const known = { weights, inputs: data.channels, channels: model.channels, fit, ...windowOf(views.crop) };
    const shape = fit === 'resize' ? data.size : views.crop;
    return { ...known, shape, spacing: data.spacing, intensity: data.intensity ?? 'auto', slices: data.slices };
  }
  const { success, data: config } = configSchema.safeParse(content);
  if (!success) throw importFirst(file, 'a configuration that is damaged');
  const { channels: inputs, fit, spacing, intensity, slices } = config.data;
  return {
    ...{ weights, inputs, fit, spacing, intensity, slices },
    channels: config.model.channels,
    shape: viewImageShape(config.views),
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
