/** Asking the server. What goes wrong comes back as an `Error` with the sentence that the page shows. */
import { decodeFrame, type FrameArray } from '../shared/frame';
import type { Problem } from '../shared/protocol';

type Query = Readonly<Record<string, string | number>>;

export async function get<T>(path: string, query: Query = {}): Promise<T> {
  const answer = await ask(address(path, query));
  return (await answer.json()) as T;
}

export async function post<T>(path: string, content: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' };
  const answer = await ask(address(path), { method: 'POST', headers, body: JSON.stringify(content) });
  return (await answer.json()) as T;
}

export async function sendBytes<T>(path: string, query: Query, bytes: Uint8Array<ArrayBuffer>): Promise<T> {
  const headers = { 'content-type': 'application/octet-stream' };
  const answer = await ask(address(path, query), { method: 'POST', headers, body: bytes });
  return (await answer.json()) as T;
}

export async function getFrame<Facts>(
  path: string,
  query: Query = {},
): Promise<{ facts: Facts; arrays: Record<string, FrameArray> }> {
  const answer = await ask(address(path, query));
  return decodeFrame<Facts>(await answer.arrayBuffer());
}

export function address(path: string, query: Query = {}): string {
  const text = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)])).toString();
  return `/api/${path}${text ? `?${text}` : ''}`;
}

export async function ask(url: string, init?: RequestInit): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(url, init);
  } catch {
    throw new Error('The studio does not answer. Is it still running in its terminal?');
  }
  if (answer.ok) return answer;
  const problem = (await answer.json().catch(() => null)) as Problem | null;
  throw new Error(problem?.error ?? `The studio answered with ${answer.status}`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
