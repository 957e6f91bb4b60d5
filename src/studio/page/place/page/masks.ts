/** Label maps as files: gray PNG of class numbers. */
import { InputError } from '../../../../core/errors';
import { type Labels, labelsOfImage } from '../../../../data/labelled/labels';
import { decodePng, isPng } from '../../../../image/decode-png';
import { encodePng } from '../../../../report/png';
import { files } from './opfs';

/** Null where there is no such file. */
export async function readMask(path: string): Promise<Labels | null> {
  const bytes = await files.read(path);
  return bytes ? maskOf(bytes, path) : null;
}

/** @throws InputError ('image') for anything but a gray PNG of class numbers */
export function maskOf(bytes: Uint8Array, name: string): Labels {
  if (isPng(bytes)) return labelsOfImage(name, decodePng(bytes, name));
  throw new InputError('image', `${name}: expected a mask as a gray PNG, found something else`);
}

export async function writeMask(path: string, mask: Pick<Labels, 'shape' | 'data'>): Promise<void> {
  await files.write(path, await maskBytes(mask));
}

export function maskBytes({ shape, data }: Pick<Labels, 'shape' | 'data'>): Promise<Uint8Array> {
  const [height, width] = shape as [number, number];
  return encodePng({ height, width, data });
}
