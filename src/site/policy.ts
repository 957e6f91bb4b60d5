/**
 * What pages of the site may load, run and ask: files of their own host alone. A page says it in its head; what a page
 * cannot say of itself (frames, workers, isolation) is said by headers, which the service worker gives to everything
 * that it keeps, and a host may give as well.
 */

const PAGES = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self'",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
} as const;

/** Networks run as WebAssembly, and pictures are made in the page. */
const PLAYGROUND = { ...PAGES, 'script-src': "'self' 'wasm-unsafe-eval'", 'img-src': "'self' blob: data:" } as const;

const textOf = (policy: Readonly<Record<string, string>>) =>
  Object.entries(policy)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');

/** For the head of a page. */
export const pagePolicy = textOf(PAGES);
export const playgroundPolicy = textOf(PLAYGROUND);

/** Of the playground's files threads of WebAssembly ask that they are isolated from other hosts. */
export const siteHeaders = {
  'content-security-policy': textOf({ ...PLAYGROUND, 'frame-ancestors': "'none'" }),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'x-content-type-options': 'nosniff',
} as const;
