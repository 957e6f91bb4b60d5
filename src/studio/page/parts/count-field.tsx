/** A field for a whole number. */
import { useState } from 'preact/hooks';

interface CountFieldProps {
  readonly title: string;
  readonly value: number;
  readonly least: number;
  readonly most?: number;
  readonly disabled?: boolean;
  readonly onValue: (value: number) => void;
}

/**
 * What is typed stands until the field is left: an empty one must not become a number under the hands of a person who
 * is about to type another. Left empty, it has the number that it had.
 */
export function CountField({
  title,
  value,
  least,
  most = Number.MAX_SAFE_INTEGER,
  disabled = false,
  onValue,
}: CountFieldProps) {
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <label class="field">
      {title}
      <input
        type="number"
        min={least}
        max={most}
        value={typed ?? value}
        disabled={disabled}
        onInput={(event) => {
          const { value: text } = event.currentTarget;
          setTyped(text);
          if (text !== '') onValue(Math.min(most, Math.max(least, Math.round(Number(text)))));
        }}
        onBlur={() => setTyped(null)}
      />
    </label>
  );
}
