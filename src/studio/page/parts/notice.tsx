/** A message in the page. Errors are read out at once, the others when there is time. */
import type { ComponentChildren } from 'preact';

export function Notice({ kind = 'info', children }: { kind?: 'info' | 'error'; children: ComponentChildren }) {
  return (
    <div class={`notice ${kind}`} role={kind === 'error' ? 'alert' : 'status'}>
      {children}
    </div>
  );
}

/** The most sentences about single files that are shown. */
const MOST_NOTES = 8;

/** As many of them as a message has room for. */
export function told(notes: readonly string[]): readonly string[] {
  const more = notes.length - MOST_NOTES;
  return more > 0 ? [...notes.slice(0, MOST_NOTES), `and ${more} more`] : notes;
}
