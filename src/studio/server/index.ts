/** The studio's server: the folders that it is given, served to the page on this computer. */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getRequestListener } from '@hono/node-server';
import { InputError } from '../../core/errors.js';
import { isFolder } from '../../data/stats.js';
import { studioApp } from './app.js';
import { LOOPBACK } from './security.js';
import { Studio } from './studio.js';

export interface StudioOptions {
  /** The folder of all runs; made where it is missing. */
  readonly runs: string;
  /** The folder of images; without it only runs are shown. */
  readonly data?: string | undefined;
  /**
   * Where it listens: this computer alone by default. Another host needs a token, which is drawn where none is given.
   */
  readonly host?: string;
  /** 0 for any that is free. */
  readonly port?: number;
  readonly token?: string | undefined;
  /** The folder of the built page. */
  readonly page?: string;
}

export interface RunningStudio {
  /** The address to open, with the token where there is one. */
  readonly address: string;
  readonly port: number;
  /** Ends the server. Trainings that it started go on. */
  close(): Promise<void>;
}

const PAGE = fileURLToPath(new URL('../page', import.meta.url));
const SHORTEST_TOKEN = 16;

/**
 * @throws InputError ('file') where a folder is missing or the port is taken, ('config') for a token that is too short
 * @example
 * const studio = await startStudio({ runs: 'runs', data: 'xrays' });
 * console.log(studio.address);
 */
export async function startStudio(options: StudioOptions): Promise<RunningStudio> {
  const { runs, data, host = '127.0.0.1', port = 0, page = PAGE } = options;
  if (data !== undefined && !isFolder(data)) {
    throw new InputError(
      'file',
      `${data}: expected a folder of images, found none`,
      `It was looked for at ${resolve(data)}.`,
    );
  }
  if (!existsSync(resolve(page, 'index.html'))) {
    throw new InputError('file', `${page}: expected the built page, found none`, 'Build it: npm run build');
  }
  const own = (LOOPBACK as readonly string[]).includes(bracketed(host));
  const token = options.token ?? (own ? null : randomBytes(24).toString('base64url'));
  if (token !== null && token.length < SHORTEST_TOKEN) {
    throw new InputError('config', `--token: expected at least ${SHORTEST_TOKEN} characters, found ${token.length}`);
  }
  const studio = new Studio(resolve(runs), data === undefined ? null : resolve(data));
  const guard = { hosts: own ? LOOPBACK : [...LOOPBACK, ...namesOf(host)], token };
  const server = createServer(
    { requestTimeout: 300_000, headersTimeout: 20_000, maxHeaderSize: 2 ** 15 },
    getRequestListener(studioApp(studio, guard, page).fetch),
  );
  await new Promise<void>((listening, failed) => {
    server.once('error', (cause) => failed(listenError(host, port, cause)));
    server.listen(port, host, listening);
  });
  const { port: found } = server.address() as AddressInfo;
  const shown = host === '0.0.0.0' || host === '::' ? hostname() : host;
  return {
    address: `http://${bracketed(shown)}:${found}/${token === null ? '' : `?token=${token}`}`,
    port: found,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
      await studio.close();
    },
  };
}

/** What `Host` may say where others may ask: the name that was given, or all names of this computer. */
function namesOf(host: string): string[] {
  if (host !== '0.0.0.0' && host !== '::') return [bracketed(host).toLowerCase()];
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
  return [hostname().toLowerCase(), ...addresses.map(({ address }) => bracketed(address).toLowerCase())];
}

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

function listenError(host: string, port: number, cause: Error): InputError {
  const code = (cause as NodeJS.ErrnoException).code;
  const why =
    code === 'EADDRINUSE' ? 'the port is taken' : code === 'EACCES' ? 'this port is not allowed' : cause.message;
  return new InputError('file', `${host}:${port}: ${why}`, 'Choose another with --port, or 0 for any.', { cause });
}
