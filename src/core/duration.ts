/** A duration as one reads it: `12 s`, `3 min 20 s`, `5 h 12 min`. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const minutes = Math.floor(whole / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/**
 * How long a training takes and when it is done, by the clock of this computer.
 * @param whole seconds in all; null where only what is left is known
 * @example forecastText({ whole: 2820, left: 2700 }) // 'about 47 min in all, done at 14:32'
 */
export function forecastText(
  { whole, left }: { readonly whole: number | null; readonly left: number },
  now = new Date(),
): string {
  return `about ${whole === null ? `${rough(left)} to go` : `${rough(whole)} in all`}, done ${doneText(left, now)}`;
}

/** `at 14:32`, and on another day with its date. */
export function doneText(left: number, now = new Date()): string {
  const end = new Date(now.getTime() + 1000 * left);
  const two = (value: number) => String(value).padStart(2, '0');
  const time = `at ${two(end.getHours())}:${two(end.getMinutes())}`;
  if (end.toDateString() === now.toDateString()) return time;
  return `on ${end.getFullYear()}-${two(end.getMonth() + 1)}-${two(end.getDate())} ${time}`;
}

/** Without seconds from two minutes on, without minutes from two days on. */
function rough(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  return minutes < 2880 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${Math.round(minutes / 60)} h`;
}
