/**
 * Who may ask. The studio reads images and starts trainings, so a page of another origin must reach it neither directly
 * nor by a name that is made to point here (DNS rebinding): `Host` must be one of our own names and `Origin`, where the
 * browser sends one, must be that host. Whatever changes something must come from our own page. With a token, nothing
 * is answered without it.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { refused } from './refused.js';

export interface Guard {
  /** Names that `Host` may have, without the port. */
  readonly hosts: readonly string[];
  /** Null where everybody on this computer may ask. */
  readonly token: string | null;
}

const COOKIE = 'cover-studio';

/** Names of this computer as its own browser calls it. */
export const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'] as const;

/**
 * Nothing but the page's own files is loaded, run or asked. Pictures are made in the page (`blob:`), and so is what
 * WebAssembly compiles of the page's own files.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "font-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const;

/** Refuses what does not come from our own page, and gives every answer its headers. */
export function guarded(guard: Guard): MiddlewareHandler {
  return async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    checkHost(context, guard.hosts);
    checkOrigin(context);
    const entered = checkToken(context, guard.token);
    if (entered) return entered;
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store');
    return undefined;
  };
}

function checkHost(context: Context, hosts: readonly string[]): void {
  const host = context.req.header('host') ?? '';
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (hosts.includes(name)) return;
  throw refused(403, `expected the host ${hosts.join(', ')}, found ${JSON.stringify(host.slice(0, 100))}`);
}

/** A browser names the origin of every request that changes something, and of every one that crosses origins. */
function checkOrigin(context: Context): void {
  const origin = context.req.header('origin');
  const site = context.req.header('sec-fetch-site');
  const own = `http://${context.req.header('host')}`;
  if (origin !== undefined && origin.toLowerCase() !== own.toLowerCase()) {
    throw refused(403, 'expected a request of the studio itself, found one of another origin');
  }
  const reading = context.req.method === 'GET' || context.req.method === 'HEAD';
  const visit = reading && context.req.header('sec-fetch-mode') === 'navigate' && !context.req.path.startsWith('/api/');
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !visit) {
    throw refused(403, 'expected a request of the studio itself, found one of another site');
  }
  if (!reading && origin === undefined && site !== 'same-origin') {
    throw refused(403, 'expected the header Origin of the studio itself, found none');
  }
}

/**
 * The token comes once in the address; from then on a cookie has it that scripts cannot read and other sites do not
 * send.
 */
function checkToken(context: Context, token: string | null): Response | undefined {
  if (token === null) return undefined;
  const given = context.req.query('token');
  if (given !== undefined && context.req.path === '/' && same(given, token)) {
    setCookie(context, COOKIE, token, { httpOnly: true, sameSite: 'Strict', path: '/' });
    return context.redirect('/');
  }
  const bearer = /^Bearer (.+)$/.exec(context.req.header('authorization') ?? '')?.[1];
  if (same(bearer ?? getCookie(context, COOKIE) ?? '', token)) return undefined;
  throw refused(401, 'expected the token of the studio: open the address that was printed when it started');
}

/** Compares without telling by the time it takes how much agrees. */
function same(given: string, token: string): boolean {
  const [a, b] = [given, token].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}
