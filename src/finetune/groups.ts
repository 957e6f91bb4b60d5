/** The parameters of a fine-tuning in two groups: what is pretrained, and what begins afresh. */
import { isDecoder, type ParameterSpec, unetSpecs } from '../nn/index.js';
import type { FinetuneConfig } from './config.js';
import { taskNetwork } from './tasks.js';

/** What the names of the backbone's parameters begin with. */
const BACKBONE = 'backbone.';

export type FinetuneGroups = Readonly<Record<'backbone' | 'head', readonly ParameterSpec[]>>;

/**
 * The parameters of both groups of a complete configuration. With `backbone.transfer: encoder` the decoder begins
 * afresh, and learns as the head does.
 */
export function groupsOf(config: FinetuneConfig): FinetuneGroups {
  const { data, views, model, backbone } = config;
  const unet = unetSpecs(BACKBONE, data.channels, model.channels, views.crop.length);
  const { head } = taskNetwork(config, []);
  if (backbone.transfer === 'all') return { backbone: unet, head };
  const decoder = unet.filter((spec) => isDecoder(spec, BACKBONE));
  return { backbone: unet.filter((spec) => !decoder.includes(spec)), head: [...decoder, ...head] };
}
