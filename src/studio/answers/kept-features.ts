/** Features of cases as a file keeps them: they stay the same until the network is another. */
import { z } from 'zod';
import { parsedJson } from '../../core/json.js';

const schema = z.object({ network: z.string(), cases: z.record(z.string(), z.array(z.number())) });

/** What a file keeps of this network; nothing where it is another's, or cannot be read. @param text null: no file */
export function keptFeatures(text: string | null, network: string): Map<string, Float32Array> {
  const { success, data } = schema.safeParse(parsedJson(text ?? undefined));
  if (!success || data.network !== network) return new Map();
  return new Map(Object.entries(data.cases).map(([id, values]) => [id, Float32Array.from(values)]));
}

export function keptText(features: ReadonlyMap<string, Float32Array>, network: string): string {
  const cases = Object.fromEntries([...features].map(([id, values]) => [id, [...values]]));
  return `${JSON.stringify({ network, cases })}\n`;
}
