/**
 * Reading a configuration: a base, a YAML file, then `key=value` settings. Errors name the key, the line and what is
 * allowed.
 */
import { type Document, isNode, LineCounter, parse, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { InputError } from '../../core/errors.js';

/** A YAML file: its name, for messages, and its text. */
export interface YamlFile {
  readonly name: string;
  readonly text: string;
}

/** Keys and values, as a YAML file has them. */
export type Plain = { [key: string]: unknown };

/**
 * A configuration of any schema: `base`, then the YAML file, then the settings.
 * @param schema every key of it must have a default
 * @throws InputError ('config') for an unreadable file, an unknown key or a wrong value
 */
export function readSettings<Schema extends z.ZodType>(
  schema: Schema,
  base: Readonly<Plain>,
  { file, settings = [] }: { readonly file?: YamlFile | undefined; readonly settings?: readonly string[] | undefined },
): z.output<Schema> {
  let content: Plain = structuredClone(base);
  let where: Where = () => '';
  if (file) {
    const read = readYamlText(file);
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
 * @throws InputError ('config') for text that is no YAML, or another root than keys and values
 */
export function readYamlText({ name, text }: YamlFile): { readonly content: Plain; readonly where: Where } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problem = document.errors[0];
  if (problem) {
    const line = problem.linePos?.[0].line ?? 1;
    throw new InputError('config', `${name}, line ${line}: expected YAML: ${firstPart(problem)}`, YAML_HINT);
  }
  const root = plainOf(document, name);
  if (root !== null && (typeof root !== 'object' || Array.isArray(root))) {
    const found = Array.isArray(root) ? 'a list' : typeof root;
    throw new InputError('config', `${name}: expected keys and values, found ${found}`);
  }
  checkKeys(root, name);
  return { content: (root ?? {}) as Plain, where: (path) => lineOf(name, document, lines, path) };
}

const YAML_HINT = 'A key and its value stand as "key: value"; keys below a key are indented by spaces.';

/** The values of a document. A file whose aliases would unfold without end is refused by the parser. */
function plainOf(document: Document, name: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new InputError('config', `${name}: expected YAML: ${firstPart(cause as Error)}`, YAML_HINT, { cause });
  }
}

/** Keys that mean something to JavaScript itself are keys of no configuration. */
const RESERVED = ['__proto__', 'constructor', 'prototype'];

function checkKeys(value: unknown, name: string, within: readonly unknown[] = []): void {
  if (typeof value !== 'object' || value === null) return;
  if (within.includes(value))
    throw new InputError('config', `${name}: expected values, found an alias to what holds it`);
  for (const key of Object.keys(value)) {
    if (RESERVED.includes(key)) throw new InputError('config', `${name}: unknown key "${key}"`);
    checkKeys((value as Plain)[key], name, [...within, value]);
  }
}

/** What an error of the parser says, without its excerpt of the text. */
function firstPart({ message }: Error): string {
  return message.split(/ at line |:\n/)[0]!;
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
  return new InputError('config', issues.map((issue) => explain(schema, issue, where, prefix)).join('\n  '));
}

/** The configuration as YAML, complete. */
export function configYaml(config: object): string {
  return stringify(config, { flowCollectionPadding: false, collectionStyle: 'any' });
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
  // Of a key that is no name the issue within says what was expected.
  const message = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return `${where(key)}${key.join('.')}: ${message}`;
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
export function mergeSettings(base: Readonly<Plain>, over: Readonly<Plain>): Plain {
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
  const { path, value } = parsedSetting(setting);
  let node = content;
  for (const key of path.slice(0, -1)) {
    if (!isPlain(node[key])) node[key] = {};
    node = node[key] as Plain;
  }
  node[path.at(-1)!] = value;
}

/** The key and the value of `key=value`. @throws InputError ('config') */
export function parsedSetting(setting: string): { readonly path: readonly string[]; readonly value: unknown } {
  const cut = setting.indexOf('=');
  if (cut < 1) throw new InputError('config', `--set ${setting}: expected key=value`, 'Example: --set batch.size=8');
  const path = setting.slice(0, cut).split('.');
  if (path.some((key) => RESERVED.includes(key))) throw new InputError('config', `--set ${setting}: unknown key`);
  const value = yamlValue(setting, setting.slice(cut + 1));
  checkKeys(value, `--set ${setting}`);
  return { path, value };
}

function yamlValue(setting: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const hint = 'A list is written [64, 64], text with special characters in quotes.';
    throw new InputError('config', `--set ${setting}: ${firstPart(cause as Error)}`, hint, { cause });
  }
}
