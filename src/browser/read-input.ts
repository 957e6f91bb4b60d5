/** Files as networks take them. */
import { tellWarnings } from '../data/decoded.js';
import { type CaseInput, volumeInput } from '../data/input.js';
import type { CaseRecipe } from '../data/labelled/recipe.js';
import { unitImage } from '../data/recipe.js';
import { kindOfFile, kindsOf, kindsOfAxes, type TakerConfig } from '../data/taken.js';
import type { OnWarnings } from '../data/warnings.js';
import { type FileContent, readData } from './read-data.js';

/** What a network says of the files that it takes. */
export type InputRecipe = Pick<CaseRecipe, 'channels' | 'window' | 'spacing' | 'intensity' | 'antialias'>;

/** The configuration of a pretrained network, which says the same. */
export interface InputConfig extends TakerConfig {
  readonly data: Omit<InputRecipe, 'window'> & TakerConfig['data'];
}

/**
 * An image or a volume as a network takes it.
 * @param content the bytes of a file, or of a DICOM series those of its files by their names
 * @param name the file's name, or that of the series
 * @param taker a segmenter or classifier; of a pretrained network `network.model.config`
 * @param onWarnings told what the reader had to assume
 * @throws InputError ('image') when the format is not known or the file is damaged
 */
export async function readInput(
  content: FileContent,
  name: string,
  taker: InputRecipe | InputConfig,
  onWarnings?: OnWarnings,
): Promise<CaseInput> {
  const recipe = 'views' in taker ? taker.data : taker;
  const kinds = 'views' in taker ? kindsOf(taker) : kindsOfAxes(taker.window.length);
  const decoded = await readData(content, name, kindOfFile(name, kinds));
  tellWarnings(name, decoded.kind === 'images' ? decoded.image : decoded.stored, onWarnings);
  return decoded.kind === 'images' ? unitImage(decoded.image, recipe.channels) : volumeInput(decoded.stored, recipe);
}
