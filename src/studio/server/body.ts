/** The body of a request: read up to a limit, of the type that was asked for, and checked. */

import type { Context } from 'hono';
import type { z } from 'zod';
import { joined } from '../../core/bytes.js';
import { refused } from './refused.js';

const MIB = 2 ** 20;
const JSON_LIMIT = MIB;

/** @throws Refused (413) beyond the limit, (415) for another type, (400) for what the schema does not allow */
export async function jsonBody<T extends z.ZodType>(context: Context, schema: T): Promise<z.output<T>> {
  requireType(context, 'application/json');
  const text = new TextDecoder().decode(await bytesOf(context, JSON_LIMIT));
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw refused(400, 'expected JSON, found something else');
  }
  return checked(schema, content);
}

/** @throws Refused (413) beyond the limit, (415) for another type */
export async function binaryBody(context: Context, limit: number): Promise<Uint8Array> {
  requireType(context, 'application/octet-stream');
  return bytesOf(context, limit);
}

/** The query, checked. */
export function queryOf<T extends z.ZodType>(context: Context, schema: T): z.output<T> {
  return checked(schema, context.req.query());
}

function checked<T extends z.ZodType>(schema: T, content: unknown): z.output<T> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refused(400, `${issue?.path.join('.') || 'request'}: ${issue?.message ?? 'not understood'}`);
}

/** A form of another site can send neither of the types that are taken. */
function requireType(context: Context, type: string): void {
  const found = context.req.header('content-type')?.split(';')[0]?.trim() ?? 'none';
  if (found !== type) throw refused(415, `expected the content type ${type}, found ${found.slice(0, 100)}`);
}

/** Stops reading at the limit, whatever length was announced. */
async function bytesOf(context: Context, limit: number): Promise<Uint8Array> {
  const tooLong = () => refused(413, `expected at most ${limit} bytes, found more`);
  if (Number(context.req.header('content-length') ?? 0) > limit) throw tooLong();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (context.req.raw.body ?? []) as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > limit) throw tooLong();
    parts.push(part);
  }
  return joined(parts);
}
