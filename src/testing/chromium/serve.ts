/** Folders served on loopback, to a page that is isolated from others, as threads of WebAssembly need it, or as is. */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};

const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cache-Control': 'no-store',
} as const;

export interface Server {
  /** Ends with a slash. */
  readonly address: string;
  /** The paths that were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * @param folders by the first part of the address, such as `/golden/`; what none of them names is not found
 * @param headers of every answer, beside the type of its content
 */
export async function serveFolders(
  folders: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = ISOLATED,
): Promise<Server> {
  const asked: string[] = [];
  const server = createServer(async ({ url = '/' }, response) => {
    const path = decodeURIComponent(url.split('?')[0]!);
    asked.push(path);
    const prefix = Object.keys(folders)
      .filter((start) => path.startsWith(start))
      .reduce((a, b) => (b.length > a.length ? b : a), '/');
    const rest = normalize(`/${path.slice(prefix.length)}${path.endsWith('/') ? 'index.html' : ''}`);
    try {
      const content = await readFile(join(folders[prefix]!, rest));
      response.writeHead(200, { ...headers, 'Content-Type': TYPES[extname(rest)] ?? 'application/octet-stream' });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}/`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
