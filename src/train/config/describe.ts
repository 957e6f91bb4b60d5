/**
 * What a schema says of its keys: the values that each may have, what it is where nothing is said, and what it means.
 */
import { z } from 'zod';

export interface Setting {
  /** From the root: `['batch', 'size']`. */
  readonly path: readonly string[];
  /** What it may be: `whole number ≥ 1`, `one of adam, adamw, sgd`, `[number, number] or null`. */
  readonly type: string;
  /** What it is where nothing is said. */
  readonly fallback: unknown;
  readonly description: string;
  /** Of keys with a meaning of their own that can also be null: their keys are settings, too. */
  readonly isSection: boolean;
}

/** All keys of a schema, in its order. A section is listed itself where it can be null. */
export function describeSettings(schema: z.ZodObject, path: readonly string[] = []): Setting[] {
  return Object.entries(schema.shape).flatMap(([name, value]) => {
    const node = value as z.ZodType;
    const here = [...path, name];
    const { inner, nullable } = unwrapped(node);
    const below = inner instanceof z.ZodObject ? describeSettings(inner, here) : [];
    if (below.length > 0 && !nullable) return below;
    const setting: Setting = {
      path: here,
      type: inner instanceof z.ZodObject ? `{${Object.keys(inner.shape).join(', ')}} or null` : typeText(node),
      fallback: node.safeParse(undefined).data,
      description: descriptionOf(node),
      isSection: below.length > 0,
    };
    return [setting, ...below];
  });
}

type Wrapper = z.ZodPrefault | z.ZodDefault | z.ZodNullable | z.ZodOptional;

function isWrapper(node: z.ZodType): node is Wrapper {
  return (
    node instanceof z.ZodPrefault ||
    node instanceof z.ZodDefault ||
    node instanceof z.ZodNullable ||
    node instanceof z.ZodOptional
  );
}

/** A schema without its defaults, and whether it can be null. */
function unwrapped(node: z.ZodType): { readonly inner: z.ZodType; readonly nullable: boolean } {
  if (!isWrapper(node)) return { inner: node, nullable: false };
  const { inner, nullable } = unwrapped(node.unwrap() as z.ZodType);
  return { inner, nullable: nullable || node instanceof z.ZodNullable };
}

/** The outermost description. */
function descriptionOf(node: z.ZodType): string {
  return node.description ?? (isWrapper(node) ? descriptionOf(node.unwrap() as z.ZodType) : '');
}

function typeText(node: z.ZodType): string {
  const { inner, nullable } = unwrapped(node);
  return nullable ? `${bareText(inner)} or null` : bareText(inner);
}

function bareText(node: z.ZodType): string {
  if (node instanceof z.ZodEnum) return `one of ${node.options.map((value) => value || "''").join(', ')}`;
  if (node instanceof z.ZodLiteral) return [...node.values].join(' or ');
  if (node instanceof z.ZodBoolean) return 'true or false';
  if (node instanceof z.ZodString) return 'text';
  if (node instanceof z.ZodNumber) return numberText(node);
  if (node instanceof z.ZodTuple) return `[${node.def.items.map((item) => typeText(item as z.ZodType)).join(', ')}]`;
  if (node instanceof z.ZodArray) return `list${lengthText(node)}: ${typeText(node.element as z.ZodType)}`;
  if (node instanceof z.ZodUnion) return node.options.map((option) => typeText(option as z.ZodType)).join(' or ');
  if (node instanceof z.ZodObject) {
    const keys = Object.entries(node.shape).map(([key, value]) => `${key}: ${typeText(value as z.ZodType)}`);
    return `{${keys.join(', ')}}`;
  }
  throw new Error(`a setting of the kind ${node.type} has no text`);
}

/** What the checks of a schema say, by their names. */
type Check = { readonly check: string; readonly value?: number; readonly inclusive?: boolean } & {
  readonly minimum?: number;
  readonly maximum?: number;
  readonly length?: number;
};

function checksOf(node: z.ZodType): Check[] {
  return (node.def.checks ?? []).map((one) => one._zod.def as unknown as Check);
}

function numberText(node: z.ZodNumber): string {
  const whole = node instanceof z.ZodNumberFormat;
  const checks = checksOf(node);
  const bound = (name: string, step: number) => {
    const found = checks.find(({ check }) => check === name);
    if (!found) return undefined;
    // Of whole numbers, above 0 is from 1.
    return whole && !found.inclusive ? { value: found.value! + step, inclusive: true } : found;
  };
  const lower = bound('greater_than', 1);
  const upper = bound('less_than', -1);
  const name = whole ? 'whole number' : 'number';
  if (lower?.inclusive && upper?.inclusive) return `${name} ${lower.value} to ${upper.value}`;
  const texts = [
    ...(lower ? [`${lower.inclusive ? '≥' : '>'} ${lower.value}`] : []),
    ...(upper ? [`${upper.inclusive ? '≤' : '<'} ${upper.value}`] : []),
  ];
  return [name, texts.join(' and ')].filter(Boolean).join(' ');
}

function lengthText(node: z.ZodArray): string {
  const checks = checksOf(node);
  const exact = checks.find(({ check }) => check === 'length_equals')?.length;
  const least = checks.find(({ check }) => check === 'min_length')?.minimum;
  const most = checks.find(({ check }) => check === 'max_length')?.maximum;
  if (exact !== undefined) return ` of ${exact}`;
  if (least !== undefined && most !== undefined) return ` of ${least} to ${most}`;
  if (most !== undefined) return ` of at most ${most}`;
  return least === undefined ? '' : ` of at least ${least}`;
}
