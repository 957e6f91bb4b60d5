/** The features of both images as colours, asked for when they are first shown. */
import { useEffect, useState } from 'preact/hooks';
import type { FrameArray } from '../../../shared/frame';
import { messageOf } from '../../api';
import { at } from '../../place/places';
import type { Colours } from './paint';

export function useColours(run: string, a: string, b: string, wanted: boolean) {
  const [state, setState] = useState<{ value: readonly Colours[] | null; error: string }>({ value: null, error: '' });
  useEffect(() => {
    if (!wanted || state.value) return;
    at(run)
      .place.colours(at(run).name, at(a).name, at(b).name)
      .then(({ arrays }) => setState({ value: [apart(arrays.a!), apart(arrays.b!)], error: '' }))
      .catch((error: unknown) => setState({ value: null, error: messageOf(error) }));
  }, [wanted, run, a, b, state.value]);
  return state;
}

/** @param colours `[P, 3]` */
function apart(colours: FrameArray): Colours {
  return [0, 1, 2].map((part) =>
    Float32Array.from({ length: colours.length / 3 }, (_, pixel) => colours[3 * pixel + part]!),
  );
}
