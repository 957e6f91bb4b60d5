/**
 * Goes through items while the next one is being made, so that who waits for one thread and who works on another do so
 * at the same time.
 * @param make begins with an item; whether it fails is told to who awaits it
 * @example for (const [file, image] of ahead(files, read)) use(file, await image);
 */
export function* ahead<T, R>(
  items: Iterable<T>,
  make: (item: T) => Promise<R>,
): Generator<[item: T, made: Promise<R>]> {
  let waiting: [T, Promise<R>] | undefined;
  for (const item of items) {
    const made = make(item);
    // One that nobody comes to await any more fails in silence.
    made.catch(() => {});
    if (waiting) yield waiting;
    waiting = [item, made];
  }
  if (waiting) yield waiting;
}
