// Draws data to begin with: radiographs without labels, and a few with lungs, heart and clavicles labelled; with `3`,
// volumes.
//
//   node examples/draw.mjs FOLDER [2|3]
//
// FOLDER/unlabelled/*.png and FOLDER/labelled/{images,labels}/*.png with dataset.json, as your own data may lie.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chestClasses, thoraxClasses, writePhantoms } from 'cover-ts';

const [folder, dims = '2'] = process.argv.slice(2);
if (!folder || !['2', '3'].includes(dims)) {
  console.error('usage: node examples/draw.mjs FOLDER [2|3]');
  process.exit(2);
}
const size = dims === '2' ? [96, 96] : [32, 32, 32];

// Pretraining takes images alone.
const drawn = join(folder, 'drawn');
await writePhantoms(drawn, 24, { size, seed: 'unlabelled' });
rmSync(join(folder, 'unlabelled'), { recursive: true, force: true });
renameSync(join(drawn, 'images'), join(folder, 'unlabelled'));
rmSync(drawn, { recursive: true });

// Fine-tuning takes pairs. Without splits.json, test and validation cases are drawn with the seed.
const labelled = join(folder, 'labelled');
await writePhantoms(labelled, 16, { size, seed: 'labelled' });
rmSync(join(labelled, 'splits.json'));
const classes = dims === '2' ? chestClasses : thoraxClasses;
writeFileSync(join(labelled, 'dataset.json'), `${JSON.stringify({ classes })}\n`);
