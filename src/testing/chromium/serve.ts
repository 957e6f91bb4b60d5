/** Folders served on loopback to a page that is isolated from others, as threads of WebAssembly need it. */
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
};

export interface Server {
  /** Ends with a slash. */
  readonly address: string;
  /** The paths that were asked for. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/**
 * @param folders by the first part of the address, such as `/golden/`; `/` is the folder of what no other part names
 */
export async function serveFolders(folders: Readonly<Record<string, string>>): Promise<Server> {
  const asked: string[] = [];
  const server = createServer(async ({ url = '/' }, response) => {
    const path = decodeURIComponent(url.split('?')[0]!);
    asked.push(path);
    const prefix = Object.keys(folders)
      .filter((start) => path.startsWith(start))
      .reduce((a, b) => (b.length > a.length ? b : a), '/');
    const rest = normalize(`/${path.slice(prefix.length) || 'index.html'}`);
    try {
      const content = await readFile(join(folders[prefix]!, rest));
      response.writeHead(200, {
        'Content-Type': TYPES[extname(rest)] ?? 'application/octet-stream',
        'Cross-Origin-Opener-Policy': 'same-origin',
        'Cross-Origin-Embedder-Policy': 'require-corp',
        'Cache-Control': 'no-store',
      });
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
