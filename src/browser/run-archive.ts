/**
 * A run of the browser's private file system as one file to take along, and back: a zip archive of the run's folder.
 */
import { zipSync } from 'fflate';
import { InputError } from '../core/errors.js';
import { readZip } from '../weights/zip.js';
import type { OpfsStore } from './opfs-store.js';

/** Files whose content is packed already, or hardly can be. */
const PACKED = /\.(safetensors|png|gz)$/;

/** All files of a run. Unpacked into a folder, it goes on under Node with `--resume`. */
export async function packRun(store: OpfsStore): Promise<Uint8Array> {
  const entries: Record<string, [Uint8Array, { level: 0 | 6 }]> = {};
  for (const file of await store.files())
    entries[file] = [(await store.read(file))!, { level: PACKED.test(file) ? 0 : 6 }];
  return zipSync(entries);
}

/**
 * Writes the files of an archive into a store that has none. An archive may have the folder of the run around its
 * files.
 * @throws InputError ('file') when the store has files, ('weights') for an archive that is damaged
 */
export async function unpackRun(store: OpfsStore, archive: Uint8Array, source: string): Promise<void> {
  if ((await store.files()).length > 0) {
    throw new InputError('file', `${store.name}: there is a run of this name`, 'Give it another name.');
  }
  const { names, read } = readZip(archive, source);
  const files = names.filter((name) => !name.endsWith('/'));
  const config = files.find((name) => /^([^/]+\/)?config\.yaml$/.test(name));
  if (config === undefined) {
    throw new InputError(
      'file',
      `${source}: expected a run with its config.yaml, found none`,
      'Pack the folder of a run, or the files within it.',
    );
  }
  const prefix = config.slice(0, -'config.yaml'.length);
  for (const name of files) if (name.startsWith(prefix)) await store.write(name.slice(prefix.length), read(name)!);
}
