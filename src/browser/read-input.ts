/** Files as networks take them. */
import { tellWarnings } from '../data/decoded.js';
import { type CaseInput, volumeInput } from '../data/input.js';
import type { CaseRecipe } from '../data/labelled/recipe.js';
import { unitImage } from '../data/recipe.js';
import type { OnWarnings } from '../data/warnings.js';
import { readData } from './read-data.js';

/** What a network says of the files that it takes. */
export type InputRecipe = Pick<CaseRecipe, 'channels' | 'window' | 'spacing' | 'intensity' | 'antialias'>;

/**
 * The bytes of an image or a volume as a network takes them.
 * @param name the file's name
 * @param recipe a segmenter or classifier; of a pretrained network `{ ...config.data, window: config.views.crop }`
 * @param onWarnings told what the reader had to assume
 * @throws InputError ('image') when the format is not known or the file is damaged
 */
export async function readInput(
  bytes: Uint8Array,
  name: string,
  recipe: InputRecipe,
  onWarnings?: OnWarnings,
): Promise<CaseInput> {
  const decoded = await readData(bytes, name, recipe.window.length === 3 ? 'volumes' : 'images');
  tellWarnings(name, decoded.kind === 'images' ? decoded.image : decoded.stored, onWarnings);
  return decoded.kind === 'images' ? unitImage(decoded.image, recipe.channels) : volumeInput(decoded.stored, recipe);
}
