/** Classifying a folder of images, from the files to the CSV. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ahead } from '../../core/ahead.js';
import { readCaseInput } from '../../data/labelled/index.js';
import { openClassifier } from '../../node/networks.js';
import { writeFileAtomic } from '../../system/files.js';
import { type ClassifiedImage, classifiedCsv, classify } from '../../use/classification/classify.js';
import { type BenchCase, extentsOf } from '../cases.js';
import { finetunedModel } from './finetuned.js';

export async function classifyRunner(one: BenchCase, folder: string): Promise<() => Promise<void>> {
  const size = `data.size=${JSON.stringify(extentsOf(one))}`;
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.png'))
    .map((name) => join(folder, name));
  const classifier = await openClassifier(finetunedModel(one, 'classification', [size]), { images: files.length });
  return async () => {
    const rows: ClassifiedImage[] = [];
    const look = async (file: string) => classify(classifier, await readCaseInput(file, classifier), file);
    for (const [, looking] of ahead(files, look, classifier.atOnce)) rows.push(await looking);
    writeFileAtomic(join(folder, 'classes.csv'), classifiedCsv(rows, classifier.classes));
  };
}
