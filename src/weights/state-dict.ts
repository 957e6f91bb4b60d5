/** Finds the weights of a network within what `torch.save` was given, whichever of the usual layouts was used. */
import { InputError } from '../core/errors.js';
import type { PickleDict, PickleValue } from './pickle-value.js';
import { plain } from './quote.js';
import { isTensor } from './storage.js';
import type { StoredTensor } from './stored.js';

/** Where trainers put the weights, in the order they are looked for. */
const KEYS = ['state_dict', 'model_state_dict', 'model', 'network_weights', 'net', 'network', 'weights'] as const;

/** What DistributedDataParallel, torch.compile and a trainer's class (PyTorch Lightning) put before every name. */
const WRAPPERS = ['module.', '_orig_mod.', 'model.', 'net.', 'network.'] as const;

/**
 * The tensors of a network by name, in the order of the file. The weights stand under one of the usual keys, beside
 * which a trainer may keep tensors of its own (a best loss, the state of a generator), or they are the root itself.
 * Wrappers are taken off where every name starts with them. Entries that are not tensors (extra state) are left out.
 * @param source The file's name, for messages.
 * @throws InputError ('weights') when no weights are found; the message lists what was found instead.
 */
export function stateDictOf(root: PickleValue, source = 'the checkpoint'): Map<string, StoredTensor> {
  if (!(root instanceof Map)) throw missing(source, 'something that is no dict');
  const found = [...KEYS.map((key) => root.get(key)), root].find(hasTensors);
  if (found === undefined) throw missing(source, namesOf(root));
  const entries: [string, StoredTensor][] = [];
  for (const [name, value] of found) if (typeof name === 'string' && isTensor(value)) entries.push([name, value]);
  return new Map(unwrap(entries));
}

function hasTensors(value: PickleValue | undefined): value is PickleDict {
  if (!(value instanceof Map)) return false;
  for (const [name, entry] of value) if (typeof name === 'string' && isTensor(entry)) return true;
  return false;
}

function unwrap(entries: [string, StoredTensor][]): [string, StoredTensor][] {
  const wrapper = WRAPPERS.find((prefix) => entries.every(([name]) => name.startsWith(prefix)));
  if (wrapper === undefined) return entries;
  return unwrap(entries.map(([name, value]) => [name.slice(wrapper.length), value]));
}

function namesOf(root: PickleDict): string {
  if (root.size === 0) return 'an empty dict';
  const names = [...root.keys()].slice(0, 8).map((key) => (typeof key === 'string' ? key.slice(0, 40) : '(no text)'));
  return `the keys ${plain(names.join(', '))}${root.size > names.length ? ', ...' : ''}`;
}

function missing(source: string, found: string): InputError {
  return new InputError(
    'weights',
    `${source}: expected weights at the top or under one of ${KEYS.join(', ')}; found ${found}`,
    'Save them with torch.save(model.state_dict(), path).',
  );
}
