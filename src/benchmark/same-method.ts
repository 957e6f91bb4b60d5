/** Whether the runs of a list are draws of one pretraining: the same settings, other seeds. */
import { dotted } from '../core/dotted.js';
import { InputError } from '../core/errors.js';
import type { Pretrained } from '../finetune/pretrained.js';
import { configSchema } from '../pretrain/config.js';
import { storedConfig } from '../train/stored-settings.js';

/** What a pretraining is by, whatever machine and data it was run with. */
const SECTIONS = /^(method|views|model|losses|contrast|mae|restoration|optimizer|schedule)\b|^batch\.size$/;

/**
 * @param name of the initialisation
 * @param runs by their paths; what says nothing of its pretraining, such as a fine-tuned network, is not compared
 * @throws InputError ('config') naming the setting that differs, or the seed that is there twice
 */
export function checkSameMethod(name: string, runs: ReadonlyMap<string, Pretrained>): void {
  const known = [...runs].flatMap(([path, { weights }]) => {
    const { config, task } = weights.metadata;
    // An older file has what it does not name by default.
    const { success, data } = configSchema.safeParse(task === undefined ? storedConfig(config) : null);
    if (!success) return [];
    return [{ path, settings: new Map(dotted(data).map(([key, value]) => [key, JSON.stringify(value)])) }];
  });
  const [first, ...others] = known;
  if (!first) return;
  for (const { path, settings } of others) {
    const key = [...first.settings.keys()].find(
      (own) => SECTIONS.test(own) && settings.get(own) !== first.settings.get(own),
    );
    if (key === undefined) continue;
    throw new InputError(
      'config',
      `initialisations.${name}: expected pretrainings that differ in their seed alone, found ${key} ${first.settings.get(key)} of ${first.path} and ${settings.get(key) ?? 'none'} of ${path}`,
      'Give each way to pretrain an initialisation of its own.',
    );
  }
  const draw = ({ settings }: (typeof known)[number]) => `${settings.get('seed')} ${settings.get('data.source')}`;
  const twice = known.find((run, index) => known.findIndex((other) => draw(other) === draw(run)) < index);
  if (!twice) return;
  const before = known.find((run) => draw(run) === draw(twice))!;
  throw new InputError(
    'config',
    `initialisations.${name}: expected pretrainings of different seeds, found seed ${twice.settings.get('seed')} of ${before.path} and of ${twice.path}`,
    'Pretrain again with --set seed=1, 2, …',
  );
}
