/**
 * Keeps the files of the site, so that it works without a network. A file is kept under its address and the digest of
 * its content: a new version of the site replaces what has changed, when the last page of the old one is closed. The
 * pages are kept at the first visit, the playground when it is opened and asks for it.
 */
declare const self: ServiceWorkerGlobalScope;

interface SiteFile {
  /** SHA-256 as a browser checks it. */
  readonly digest: string;
  /** What it is kept with; the others are kept when they were asked for. */
  readonly part: 'pages' | 'playground' | '';
}

/** Written here when the site is built: its files by their places, and the headers that they are kept with. */
declare const __FILES__: Readonly<Record<string, SiteFile>>;
declare const __HEADERS__: Readonly<Record<string, string>>;

const scope = self.registration.scope;
const cacheName = `cover ${scope}`;
const keyOf = (place: string) => `${scope}${place}?${encodeURIComponent(__FILES__[place]!.digest)}`;
const placesOf = (part: string) => Object.keys(__FILES__).filter((place) => __FILES__[place]!.part === part);

/** @throws TypeError where the host does not answer, or has another version of the file */
async function fetched(place: string): Promise<Response> {
  const answer = await fetch(scope + place, { integrity: __FILES__[place]!.digest, cache: 'no-cache' });
  if (!answer.ok) throw new TypeError(`${place}: the host answered with ${answer.status}`);
  const headers = new Headers(__HEADERS__);
  headers.set('content-type', answer.headers.get('content-type') ?? 'application/octet-stream');
  // A new answer is one that was not redirected, whatever names the host gives to its pages.
  return new Response(answer.body, { headers });
}

async function keep(part: string): Promise<void> {
  const cache = await caches.open(cacheName);
  const missing = await Promise.all(
    placesOf(part).map(async (place) => ((await cache.match(keyOf(place))) ? [] : [place])),
  );
  await Promise.all(missing.flat().map(async (place) => cache.put(keyOf(place), await fetched(place))));
}

async function keptBefore(part: string): Promise<boolean> {
  const keys = await (await caches.open(cacheName)).keys();
  return keys.some(({ url }) => url.startsWith(`${scope}${part}/`));
}

/** Forgets the files of older versions. */
async function tidy(): Promise<void> {
  const cache = await caches.open(cacheName);
  const own = new Set(Object.keys(__FILES__).map(keyOf));
  for (const request of await cache.keys()) if (!own.has(request.url)) await cache.delete(request);
}

/** From what is kept, else from the host. */
async function answer(place: string, request: Request): Promise<Response> {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(keyOf(place));
  if (kept) return kept;
  try {
    const fresh = await fetched(place);
    await cache.put(keyOf(place), fresh.clone());
    return fresh;
  } catch {
    return fetch(request);
  }
}

/** The file that an address of the site names, also where the host gives pages shorter names. */
function placeOf(url: string): string | null {
  const { origin, pathname } = new URL(url);
  const full = origin + pathname;
  if (!full.startsWith(scope)) return null;
  const path = decodeURIComponent(full.slice(scope.length));
  const names = path === '' || path.endsWith('/') ? [`${path}index.html`] : [path, `${path}.html`];
  return names.find((name) => name in __FILES__) ?? null;
}

self.addEventListener('install', (event) => {
  event.waitUntil(
    Promise.all([keep('pages'), keptBefore('playground').then((was) => (was ? keep('playground') : undefined))]),
  );
});
self.addEventListener('activate', (event) => {
  event.waitUntil(tidy().then(() => self.clients.claim()));
});
self.addEventListener('message', (event) => {
  if (event.data !== 'keep the playground') return;
  const tell = (kept: boolean) => event.ports[0]?.postMessage(kept);
  event.waitUntil(
    keep('playground').then(
      () => tell(true),
      () => tell(false),
    ),
  );
});
self.addEventListener('fetch', (event) => {
  const place = event.request.method === 'GET' ? placeOf(event.request.url) : null;
  if (place !== null) event.respondWith(answer(place, event.request));
});
