/** Values that are written as text, in NRRD and MetaImage: numbers parted by space or commas. */
import { InputError } from '../../core/errors.js';
import { type ByteReader, readExactly } from '../byte-reader.js';
import type { StoredArray } from '../volume.js';
import { truncatedImage } from './truncated.js';
import {
  ARRAYS,
  checkExtents,
  checkSize,
  chooseFrame,
  VOXEL_LIMIT,
  type VolumeReadOptions,
  type VoxelLayout,
} from './voxel-layout.js';

/** Longer texts are refused. */
const LONGEST = 2 ** 28;

/**
 * Reads the chosen volume of a file whose reader stands at the first number.
 * @throws InputError ('image') when a word is no number of the type, several volumes are there and none is chosen, or
 * the text is longer than 256 MiB; ('memory') when the volume is larger than the limit
 * @throws TruncatedImageError when there are fewer numbers than declared
 */
export async function readTextVoxels(
  reader: ByteReader,
  layout: VoxelLayout,
  { frame, voxelLimit = VOXEL_LIMIT }: VolumeReadOptions,
): Promise<{ data: StoredArray; warnings: string[] }> {
  const { path } = reader;
  checkExtents(path, layout);
  const chosen = chooseFrame(path, layout, frame);
  const { size, components, type } = layout;
  const voxels = size[0] * size[1] * size[2];
  const declared = voxels * components * layout.frames;
  // A number and what parts it from the next take two bytes.
  if (declared > (reader.most + 1) / 2)
    throw truncatedImage(path, `${declared} numbers`, `${reader.most} bytes of text`);
  checkSize(path, layout, voxelLimit);
  if (reader.most > LONGEST) {
    throw new InputError(
      'image',
      `${path}: expected at most ${LONGEST} bytes of text, found ${reader.most}`,
      'Store the values as raw numbers.',
    );
  }
  const text = new Uint8Array(reader.most);
  await readExactly(reader, text, 'text');
  const numbers = new TextDecoder('latin1').decode(text).match(/[^\s,]+/g) ?? [];
  if (numbers.length < declared) throw truncatedImage(path, `${declared} numbers`, `${numbers.length}`);
  const data = new ARRAYS[type === 'int64' || type === 'uint64' ? 'float64' : type](voxels);
  const start = Math.floor(chosen / components) * voxels * components + (chosen % components);
  const float = type === 'float32' || type === 'float64';
  for (let index = 0; index < voxels; index++) {
    const word = numbers[start + index * components]!;
    const infinite = float ? /^([+-]?)inf(?:inity)?$/i.exec(word) : null;
    const value = infinite ? Number(`${infinite[1]}Infinity`) : Number(word);
    data[index] = value;
    const fits = float
      ? !Number.isNaN(value) || /^[+-]?nan$/i.test(word)
      : Number.isSafeInteger(value) && data[index] === value;
    if (!fits) {
      throw new InputError(
        'image',
        `${path}: expected numbers of the type ${type}, found '${word.slice(0, 40)}'`,
        'The file is damaged, or its header names another type.',
      );
    }
  }
  const more = numbers.length - declared;
  return { data, warnings: more > 0 ? [`${more} numbers behind the voxels are ignored`] : [] };
}
