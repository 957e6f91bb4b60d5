/** The images of the playground: radiographs that the page draws itself, and the truth about them. */
import { encodePng } from '../../../image/encode-png';
import { grayChest, subjectName } from '../../../phantom/subject';
import { UNPAINTED } from '../../../studio/drawing/map';
import type { Place } from '../../../studio/page/place/place';

/** What they and what is made of them are called. */
export const FOLDER = 'phantoms';
export const PROJECT = 'phantoms';
export const RUN = 'phantoms-pretrained';

export const SIDE = 96;
/** Of the phantom's classes: its clavicles lie over the lungs, and nobody is asked to draw them. */
export const CLASSES = ['background', 'right lung', 'left lung', 'heart'] as const;

/** Images that are drawn and added at a time, so that the page shows how far it is. */
const AT_ONCE = 6;

export function phantom(subject: number) {
  return grayChest({ size: [SIDE, SIDE], seed: 0, subject });
}

/** Draws so many phantoms; those that are there already stay. */
export async function drawPhantoms(place: Place, count: number, onDrawn: (done: number) => void): Promise<void> {
  for (let begin = 0; begin < count; begin += AT_ONCE) {
    const subjects = Array.from({ length: Math.min(AT_ONCE, count - begin) }, (_, index) => begin + index);
    const files = subjects.map(async (subject) => {
      const bytes = await encodePng({ height: SIDE, width: SIDE, data: phantom(subject).gray });
      return { name: `${subjectName(subject)}.png`, content: new Blob([bytes as Uint8Array<ArrayBuffer>]) };
    });
    await place.addImages(FOLDER, await Promise.all(files));
    onDrawn(begin + subjects.length);
  }
}

/** The classes of a phantom's pixels, 255 for the clavicles; null for an image that is none. */
export function truthOf(id: string): Uint8Array<ArrayBuffer> | null {
  const subject = Number(/^chest-(\d+)$/.exec(id)?.[1] ?? Number.NaN);
  if (Number.isNaN(subject) || subjectName(subject) !== id) return null;
  return Uint8Array.from(phantom(subject).labels, (label) => (label < CLASSES.length ? label : UNPAINTED));
}

/** The truth as somebody draws it: the organs, and nothing beside them. */
export function drawnTruth(id: string): Uint8Array<ArrayBuffer> | null {
  return truthOf(id)?.map((label) => (label === 0 ? UNPAINTED : label)) ?? null;
}
