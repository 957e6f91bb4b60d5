/** Small hooks that several rooms use. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { messageOf } from './api';

/** What is loaded, with the error in its place; `again` loads it once more, and what was there stays until then. */
export interface Loaded<T> {
  readonly value: T | null;
  readonly error: string;
  readonly again: () => void;
}

/** @param key another key loads anew; null loads nothing */
export function useLoaded<T>(key: string | null, load: () => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ key: string | null; value: T | null; error: string }>({
    key: null,
    value: null,
    error: '',
  });
  const [round, setRound] = useState(0);
  const loader = useRef(load);
  loader.current = load;
  // A further round loads the same key again.
  useEffect(() => {
    let current = true;
    if (key === null) {
      setState({ key, value: null, error: '' });
      return;
    }
    loader
      .current()
      .then((value) => current && setState({ key, value, error: '' }))
      .catch((error: unknown) => current && setState({ key, value: null, error: messageOf(error) }));
    return () => {
      current = false;
    };
  }, [key, round]);
  const again = useCallback(() => setRound((one) => one + 1), []);
  const fresh = state.key === key;
  return { value: fresh ? state.value : null, error: fresh ? state.error : '', again };
}

/** Calls every so many milliseconds while `active`. */
export function useEvery(milliseconds: number, active: boolean, call: () => void): void {
  const latest = useRef(call);
  latest.current = call;
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => latest.current(), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds, active]);
}

/** A choice that is still there when the page is opened again. */
export function useKept<T>(name: string, initial: T): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => {
    try {
      const kept = localStorage.getItem(`cover.${name}`);
      return kept === null ? initial : (JSON.parse(kept) as T);
    } catch {
      return initial;
    }
  });
  const keep = useCallback(
    (next: T) => {
      setValue(next);
      localStorage.setItem(`cover.${name}`, JSON.stringify(next));
    },
    [name],
  );
  return [value, keep];
}

/** The part of the address behind `#/`, in pieces. */
export function useRoute(): readonly string[] {
  const read = () => location.hash.replace(/^#\/?/, '').split('/').map(decoded);
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = () => setRoute(read());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}

/** A part of an address that encodes nothing stays as it is: a room says that it knows no such name. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
