/** The files of cases as the network takes them. */
import { readVolumeInput } from '../../use/index.js';
import type { CaseInput } from '../case-input.js';
import { readCaseImage } from './case-image.js';
import type { CaseRecipe } from './recipe.js';

/**
 * Reads an image, or a volume where the network has three axes.
 * @throws InputError ('image') when the file cannot be read
 */
export async function readCaseInput(path: string, recipe: CaseRecipe): Promise<CaseInput> {
  return recipe.window.length === 3 ? readVolumeInput(path, { data: recipe }) : readCaseImage(path, recipe.channels);
}
