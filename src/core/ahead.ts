/**
 * Goes through items while the next ones are being made, so that who waits for one thread and who works on another do
 * so at the same time.
 * @param make begins with an item; whether it fails is told to who awaits it
 * @param most how many are made beside the one that is used
 * @example for (const [file, image] of ahead(files, read)) use(file, await image);
 */
export function* ahead<T, R>(
  items: Iterable<T>,
  make: (item: T) => Promise<R>,
  most = 1,
): Generator<[item: T, made: Promise<R>]> {
  const waiting: [T, Promise<R>][] = [];
  for (const item of items) {
    const made = make(item);
    // One that nobody comes to await any more fails in silence.
    made.catch(() => {});
    waiting.push([item, made]);
    if (waiting.length > most) yield waiting.shift()!;
  }
  yield* waiting;
}
