/** Where a value of a configuration comes from: the last of default, preset, file and `--set` that names its key. */
import { type Plain, parsedSetting, readYamlText, type YamlFile } from './read.js';

export interface Layers {
  /** A preset's name and what it sets. */
  readonly preset?: { readonly name: string; readonly content: Readonly<Plain> } | undefined;
  readonly file?: YamlFile | undefined;
  readonly settings?: readonly string[] | undefined;
}

/** Says of a key's path `default`, `preset release`, `mine.yaml, line 3` or `--set`. @throws InputError ('config') */
export function sourceOf({ preset, file, settings = [] }: Layers): (path: readonly string[]) => string {
  const read = file && readYamlText(file);
  const parsed = settings.map(parsedSetting);
  return (path) => {
    let source = 'default';
    if (preset && has(preset.content, path)) source = `preset ${preset.name}`;
    if (read && has(read.content, path)) source = read.where(path).replace(/: $/, '');
    for (const setting of parsed) {
      // A setting of a section replaces all of it.
      const within = setting.path.every((key, index) => key === path[index]);
      if (within) source = has(setting.value, path.slice(setting.path.length)) ? '--set' : 'default';
    }
    return source;
  };
}

function has(content: unknown, path: readonly string[]): boolean {
  let node = content;
  for (const key of path) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return false;
    node = (node as Plain)[key];
  }
  return true;
}
