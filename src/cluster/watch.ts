/**
 * Notices a process that has died. A process that waits within MPI for a dead one waits for ever, so each also holds a
 * connection to rank 0, which the system closes when either end dies, whatever kills it. Who ends as it should says so
 * before.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Peers } from '../core/peers.js';
import { ownIdentity } from '../system/process-identity.js';

/** A process of the run. */
export interface Member {
  readonly rank: number;
  readonly host: string;
  readonly pid: number;
}

export interface WatchEvents {
  /** Told once, by the lowest rank that lives: this one has died. */
  onLost(member: Member): void;
  /** Another process has told of a death, or of an error of its own: there is nothing to add. */
  onEnded(): void;
  /** This process cannot reach rank 0. */
  onBlind(reason: string): void;
}

export interface Watch {
  readonly members: readonly Member[];
  /** The same in all processes, and in no other run. */
  readonly token: string;
  /** To be called before this process ends. @param failed whether it ends the run for all */
  end(failed: boolean): void;
}

/** Bytes of what each process says of itself, and of where rank 0 listens. */
const WORDS = 1024;
const SECRET = 16;
/** The ranks above the lowest that lives leave the word to it for so many ms. */
const PRECEDENCE = 500;

/** All processes must call it together. */
export async function startWatch(peers: Peers, events: WatchEvents): Promise<Watch> {
  const identity = ownIdentity();
  const said = await peers.gather(padded({ host: identity.host, pid: identity.pid, boot: identity.boot }));
  const all = Array.from({ length: peers.size }, (_, rank) => words(said.subarray(rank * WORDS, (rank + 1) * WORDS)));
  const members = all.map(({ host, pid }, rank) => ({ rank, host: String(host), pid: Number(pid) }));
  const oneHost = all.every(({ host, boot }) => host === all[0]!.host && boot === all[0]!.boot);
  let over = false;
  const lost = (rank: number) => {
    if (over) return;
    over = true;
    events.onLost(members[rank]!);
  };
  const ended = () => {
    if (over) return;
    over = true;
    events.onEnded();
  };
  if (peers.rank === 0) {
    const secret = randomBytes(SECRET);
    const { server, sockets } = await listen(secret, oneHost, { lost, ended });
    const port = (server.address() as { port: number }).port;
    const token = randomBytes(4).toString('hex');
    const addresses = oneHost ? ['127.0.0.1'] : ownAddresses();
    await peers.broadcast(padded({ addresses, port, secret: secret.toString('hex'), token }));
    return {
      members,
      token,
      end(failed) {
        over = true;
        for (const socket of sockets) socket.end(failed ? 'f' : 'b');
        server.close();
      },
    };
  }
  const { addresses, port, secret, token } = words(await peers.broadcast(new Uint8Array(WORDS)));
  const socket = await reach(addresses as string[], Number(port)).catch((error: Error) => {
    events.onBlind(error.message);
    return null;
  });
  socket?.write(Buffer.concat([Buffer.from(String(secret), 'hex'), uint32(peers.rank)]));
  socket?.unref();
  follow(socket, {
    died: () => (peers.rank === 1 ? lost(0) : setTimeout(() => lost(0), PRECEDENCE)),
    left: () => (over = true),
    ended,
  });
  return {
    members,
    token: String(token),
    end(failed) {
      over = true;
      socket?.end(failed ? 'f' : 'b');
    },
  };
}

/** Rank 0's end: a connection counts once it has shown the secret and its rank. */
async function listen(
  secret: Buffer,
  oneHost: boolean,
  { lost, ended }: { lost(rank: number): void; ended(): void },
): Promise<{ server: Server; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    socket.unref();
    let greeting = Buffer.alloc(0);
    const greet = (data: Buffer) => {
      greeting = Buffer.concat([greeting, data]);
      if (greeting.length < SECRET + 4) return;
      socket.off('data', greet);
      if (!timingSafeEqual(greeting.subarray(0, SECRET), secret)) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      const rank = greeting.readUInt32LE(SECRET);
      follow(socket, { died: () => lost(rank), left: () => {}, ended });
      const rest = greeting.subarray(SECRET + 4);
      if (rest.length > 0) socket.emit('data', rest);
    };
    socket.on('data', greet).on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, oneHost ? '127.0.0.1' : undefined, resolve));
  server.unref();
  return { server, sockets };
}

/** What becomes of the other end: `b` says that it leaves as it should, `f` that it has failed and said why. */
function follow(socket: Socket | null, told: { died(): void; left(): void; ended(): void }): void {
  let word = '';
  socket?.on('data', (data) => (word += data.toString('latin1')));
  socket?.on('error', () => {});
  socket?.on('close', () => {
    if (word.includes('f')) told.ended();
    else if (word.includes('b')) told.left();
    else told.died();
  });
  socket?.setKeepAlive(true, 10000);
}

async function reach(addresses: readonly string[], port: number): Promise<Socket> {
  const reasons: string[] = [];
  for (const host of addresses) {
    const socket = connect({ host, port });
    const found = await new Promise<Socket | string>((resolve) => {
      socket.setTimeout(3000, () => resolve(`${host}:${port} does not answer`));
      socket.once('connect', () => resolve(socket)).once('error', (error) => resolve(error.message));
    });
    if (found === socket) return socket.setTimeout(0);
    socket.destroy();
    reasons.push(String(found));
  }
  throw new Error(reasons.join('; ') || 'rank 0 has no address');
}

function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
}

function padded(value: object): Uint8Array {
  const bytes = new Uint8Array(WORDS).fill(0x20);
  new TextEncoder().encodeInto(JSON.stringify(value), bytes);
  return bytes;
}

function words(bytes: Uint8Array): Record<string, unknown> {
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
