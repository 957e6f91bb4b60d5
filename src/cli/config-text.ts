/**
 * A configuration as a YAML file that a person reads: what each value means, what else it may be, and where it comes
 * from.
 */
import { stringify } from 'yaml';
import { printable } from '../core/printable.js';
import type { Setting } from '../train/config/describe.js';

const WIDTH = 80;

/** A setting with its value. */
export interface Chosen extends Setting {
  readonly value: unknown;
  /** `default`, `preset release`, `mine.yaml, line 3` or `--set`. */
  readonly source: string;
}

/**
 * YAML in lines of 80 columns, which can be read as a configuration again.
 * @param chosen of sections that are not null their keys alone
 * @param describe with meanings and allowed values; else with the sources that are not the default
 */
export function configText(chosen: readonly Chosen[], { describe }: { readonly describe: boolean }): string {
  const lines: string[] = [];
  let open: readonly string[] = [];
  for (const { source, ...one } of chosen) {
    // A file's name can hold the end of a line.
    const setting = { ...one, source: printable(source) };
    const section = setting.path.slice(0, -1);
    const common = section.findIndex((key, index) => key !== open[index]);
    for (let depth = common < 0 ? section.length : common; depth < section.length; depth++) {
      lines.push(`${indentOf(depth)}${section[depth]}:`);
    }
    open = section;
    lines.push(...(describe ? described(setting) : plain(setting)));
  }
  return `${lines.join('\n')}\n`;
}

const indentOf = (depth: number) => '  '.repeat(depth);

function plain(setting: Chosen): string[] {
  const lines = valueLines(setting);
  if (setting.source === 'default') return lines;
  const [line = ''] = lines;
  const marked = `${line} # ${setting.source}`;
  if (lines.length === 1 && marked.length <= WIDTH) return [marked];
  return [...comment(setting.source, indentOf(setting.path.length - 1)), ...lines];
}

function described(setting: Chosen): string[] {
  const { path, description, type, source, fallback } = setting;
  const indent = indentOf(path.length - 1);
  const origin = source === 'default' ? 'default' : `${source}; default ${flow(fallback)}`;
  return [...comment(description, indent), ...comment(`${type} (${origin})`, indent), ...valueLines(setting)];
}

/** A key with its value on one line; a list that does not fit has a line for each value. */
function valueLines({ path, value }: Chosen): string[] {
  const indent = indentOf(path.length - 1);
  const line = `${indent}${path.at(-1)}: ${flow(value)}`;
  if (line.length <= WIDTH || !Array.isArray(value)) return [line];
  return [`${indent}${path.at(-1)}:`, ...value.map((one) => `${indent}  - ${flow(one)}`)];
}

/** A value on one line, as YAML. */
export function flow(value: unknown): string {
  const options = { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0, blockQuote: false } as const;
  return stringify(value, options).trim();
}

/** Text in lines behind a number sign. */
function comment(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = `${indent}#`;
  for (const word of text.replace(/\s+/g, ' ').split(' ')) {
    if (line.length + 1 + word.length > WIDTH && line.length > indent.length + 1) {
      lines.push(line);
      line = `${indent}#  `;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
