/** Segmenting a whole image or volume in windows that cover half of each other, from the file to the file. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readCaseInput } from '../../data/labelled/index.js';
import { writeLabels, writePng } from '../../image/files.js';
import { openSegmenter } from '../../node/networks.js';
import { segment } from '../../use/segmentation/segment.js';
import type { BenchCase } from '../cases.js';
import { finetunedModel } from './finetuned.js';

export async function segmentRunner(one: BenchCase, folder: string): Promise<() => Promise<void>> {
  const segmenter = await openSegmenter(finetunedModel(one, 'segmentation', ['data.fit=keep']));
  const path = join(folder, readdirSync(folder).find((name) => name.startsWith('image.'))!);
  return async () => {
    const input = await readCaseInput(path, segmenter);
    const { labels } = await segment(segmenter, input);
    if ('image' in input) return writeLabels(join(folder, 'labels.nii.gz'), labels.data, input.file);
    const [height, width] = labels.shape as [number, number];
    await writePng(join(folder, 'labels.png'), { height, width, channels: 1, data: labels.data });
  };
}
