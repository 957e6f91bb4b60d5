/** Tables of int32 that code goes through, an entry of some numbers after the other. */
import { type Assembler, r13, r14, r15 } from './assembler.js';

/** Where the numbers of an entry lie, by name, and how long it is, all in bytes. */
export type Fields<Name extends string> = Readonly<Record<Name | 'bytes', number>>;

export function fields<const Name extends string>(...names: readonly Name[]): Fields<Name> {
  const places = [...names, 'bytes'].map((name, k) => [name, 4 * k]);
  return Object.fromEntries(places) as Fields<Name>;
}

/** Runs code for `count` entries of those from r13 on, from one on: r14 is the entry. r15 is lost. */
export function eachEntry(
  code: Assembler,
  { bytes }: { readonly bytes: number },
  from: number,
  count: number,
  perEntry: () => void,
): void {
  code.address(r14, { base: r13, offset: from * bytes });
  code.address(r15, { base: r14, offset: count * bytes });
  const loop = code.here();
  perEntry();
  code.add(r14, bytes);
  code.compare(r14, { register: r15 });
  code.jumpIf('below', loop);
}
