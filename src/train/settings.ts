/** Reading a configuration: preset, YAML file, then `key=value` settings. Errors name the key, the line and what is allowed. */
import { existsSync, readFileSync } from 'node:fs';
import { type Document, isNode, LineCounter, parse, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { InputError } from '../core/errors.js';
import { type Config, configSchema, presets } from '../pretrain/config.js';

/** Keys and values, as a YAML file has them. */
export type Plain = { [key: string]: unknown };

export interface ConfigSources {
  /** `default`, `release` or `paper`. */
  readonly preset?: string;
  /** A YAML file. */
  readonly file?: string;
  /** Settings such as `optimizer.rate=1e-3`; they win over the file. */
  readonly settings?: readonly string[];
}

/**
 * @throws InputError ('config') for an unknown preset, an unreadable file, an unknown key or a wrong value
 * @example loadConfig({ settings: ['batch.size=8'] }).batch.size // 8
 */
export function loadConfig({ preset = 'default', file, settings = [] }: ConfigSources = {}): Config {
  const base = presets[preset];
  if (!base) {
    const names = Object.keys(presets).join(', ');
    throw new InputError('config', `there is no preset "${preset}"`, `The presets are: ${names}.`);
  }
  return readSettings(configSchema, base, { file, settings });
}

/**
 * A configuration of any schema: `base`, then the YAML file, then the settings.
 * @param schema every key of it must have a default
 * @throws InputError ('config') for an unreadable file, an unknown key or a wrong value
 */
export function readSettings<Schema extends z.ZodType>(
  schema: Schema,
  base: Readonly<Plain>,
  { file, settings = [] }: { readonly file?: string | undefined; readonly settings?: readonly string[] | undefined },
): z.output<Schema> {
  let content: Plain = structuredClone(base);
  let where: Where = () => '';
  if (file) {
    const read = readYamlFile(file);
    content = mergeSettings(content, read.content);
    where = read.where;
  }
  for (const setting of settings) applySetting(content, setting);
  const result = schema.safeParse(content);
  if (result.success) return result.data;
  throw schemaError(schema, result.error, where);
}

/** Says where in a file a key stands: `plan.yaml, line 3: `. */
export type Where = (path: readonly PropertyKey[]) => string;

/**
 * The keys and values of a YAML file, and where each stands.
 * @throws InputError ('config') for a missing or unreadable file, or another root than keys and values
 */
export function readYamlFile(file: string): { readonly content: Plain; readonly where: Where } {
  const { document, lines } = readYaml(file);
  return {
    content: (document.toJS() ?? {}) as Plain,
    where: (path) => lineOf(file, document, lines, path),
  };
}

/**
 * What is wrong with settings, a line for each mistake: the key, where it stands, and what is allowed.
 * @param prefix the keys that lead to the settings within the file
 */
export function schemaError(
  schema: z.ZodType,
  { issues }: z.ZodError,
  where: Where = () => '',
  prefix: readonly PropertyKey[] = [],
): InputError {
  return new InputError('config', issues.map((issue) => explain(schema, issue, where, prefix)).join('\n'));
}

/** The configuration as YAML, complete. */
export function configYaml(config: object): string {
  return stringify(config, { flowCollectionPadding: false, collectionStyle: 'any' });
}

function readYaml(file: string): { document: Document; lines: LineCounter } {
  if (!existsSync(file)) throw new InputError('config', `${file}: this configuration file does not exist`);
  const lines = new LineCounter();
  const document = parseDocument(readFileSync(file, 'utf8'), { lineCounter: lines });
  const problem = document.errors[0];
  if (problem) {
    const [what] = problem.message.split(/ at line |:\n/);
    throw new InputError(
      'config',
      `${file}, line ${problem.linePos?.[0].line ?? 1}: expected YAML: ${what}`,
      'A key and its value stand as "key: value"; keys below a key are indented by spaces.',
    );
  }
  const root: unknown = document.toJS();
  if (root !== null && (typeof root !== 'object' || Array.isArray(root))) {
    throw new InputError(
      'config',
      `${file}: expected keys and values, found ${Array.isArray(root) ? 'a list' : typeof root}`,
    );
  }
  return { document, lines };
}

function lineOf(file: string, document: Document, lines: LineCounter, path: readonly PropertyKey[]): string {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return `${file}, line ${lines.linePos(node.range[0]).line}: `;
  }
  return `${file}: `;
}

function explain(schema: z.ZodType, issue: z.core.$ZodIssue, where: Where, prefix: readonly PropertyKey[]): string {
  if (issue.code === 'unrecognized_keys') {
    const key = [...prefix, ...issue.path, issue.keys[0]!];
    return `${where(key)}unknown key "${key.join('.')}"\n  Allowed here: ${allowedKeys(schema, issue.path).join(', ')}.`;
  }
  const key = [...prefix, ...issue.path];
  return `${where(key)}${key.join('.')}: ${issue.message}`;
}

/** The keys of the object that a path leads to. */
function allowedKeys(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let node = bare(schema);
  for (const key of path) {
    if (node instanceof z.ZodObject) node = bare(node.shape[key as string] as z.ZodType);
    else if (node instanceof z.ZodRecord) node = bare(node.valueType as z.ZodType);
  }
  return node instanceof z.ZodObject ? Object.keys(node.shape) : [];
}

/** A schema without its defaults. */
function bare(schema: z.ZodType): z.ZodType {
  const wrapped =
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional;
  return wrapped ? bare(schema.unwrap() as z.ZodType) : schema;
}

/** Settings over others, key by key; lists are replaced. */
export function mergeSettings(base: Plain, over: Plain): Plain {
  const result: Plain = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const both = isPlain(value) && isPlain(result[key]);
    result[key] = both ? mergeSettings(result[key] as Plain, value) : value;
  }
  return result;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function applySetting(content: Plain, setting: string): void {
  const cut = setting.indexOf('=');
  if (cut < 1) throw new InputError('config', `--set ${setting}: expected key=value`, 'Example: --set batch.size=8');
  const path = setting.slice(0, cut).split('.');
  if (path.some((key) => ['__proto__', 'constructor', 'prototype'].includes(key))) {
    throw new InputError('config', `--set ${setting}: unknown key`);
  }
  let node = content;
  for (const key of path.slice(0, -1)) {
    if (!isPlain(node[key])) node[key] = {};
    node = node[key] as Plain;
  }
  node[path.at(-1)!] = parse(setting.slice(cut + 1));
}
