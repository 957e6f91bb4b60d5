/**
 * What the documentation's commands find when they are run: drawn radiographs and volumes, DICOM files, and small
 * networks that were trained for two steps, under the names that the pages use.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { writeVolume } from '../../image/files.js';
import { imageElements, placeElements, texture } from '../../image/formats/dicom/fixtures/images.js';
import { writeDicom } from '../../image/formats/dicom/fixtures/writer.js';
import { chestClasses, chestPhantom, writePhantoms } from '../../phantom/index.js';
import { coverCommand } from '../../system/command.js';
import { root } from './pages.js';

export interface Outcome {
  readonly status: number;
  /** What was printed, on both channels. */
  readonly output: string;
}

/** Runs a program of Node to its end. */
export function node(cwd: string, ...argv: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, argv, { cwd, env: { ...process.env, HOME: cwd } });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text) => {
        output += text;
      });
    }
    child.on('close', (code) => resolve({ status: code ?? 1, output }));
  });
}

export const command = coverCommand();

const CHANNELS = 'model.channels=[8, 8, 8, 8, 8, 8, 8, 8, 8]';
const SHORT = ['schedule.steps=2', 'schedule.warmup=0', 'batch.size=1', 'threads=1', 'data.workers=0', CHANNELS];
const PRETRAINING = [...SHORT, 'data.validationImages=1', 'model.window=1'];
const FLAT = [...PRETRAINING, 'views.crop=[32, 32]'];

/**
 * Makes everything in a folder; two trainings at a time.
 * @param run a command line of `cover`
 */
export async function makeWorld(folder: string, run: (...argv: readonly string[]) => Promise<Outcome>): Promise<void> {
  const at = (...names: string[]) => join(folder, ...names);
  await drawImages(folder);
  writeDicomFiles(folder);
  writeSmallVolume(at('small.nii.gz'));
  const cover = async (...argv: string[]) => {
    const { status, output } = await run(...argv);
    if (status !== 0) throw new Error(`cover ${argv.join(' ')}\n${output}`);
  };
  const set = (settings: readonly string[]) => settings.flatMap((setting) => ['--set', setting]);
  const pretrain = (data: string, run: string, ...settings: string[]) =>
    cover('pretrain', at(data), '-o', at('runs', run), ...set([...settings, `data.cache=${at('cache', run)}`]));
  const finetune = (data: string, run: string, from: string, ...settings: string[]) =>
    cover('finetune', at(data), '-o', at('runs', run), '--from', from, ...set([...SHORT, ...settings]));
  await Promise.all([
    pretrain('xrays', 'xrays', ...FLAT)
      .then(() => finetune('lungs', 'lungs', at('runs/xrays'), 'data.size=[32, 32]'))
      .then(() => finetune('pneumonia', 'pneumonia', 'scratch', 'data.size=[32, 32]', 'task=classification')),
    pretrain('scans', 'scans', ...PRETRAINING, 'views.crop=[16, 16, 16]')
      .then(() => finetune('volumes', 'hc', 'scratch', 'views.crop=[16, 16, 16]'))
      .then(() => finetune('volumes', 'hc-slices', 'scratch', 'data.slices=sagittal', 'views.crop=[16, 16]'))
      .then(() => finetune('chests', 'chests', 'scratch', 'data.size=[32, 32]'))
      .then(() => pretrain('xrays', 'contrast', ...FLAT, 'method=contrast')),
  ]);
  cpSync(at('runs/xrays'), at('runs/other'), { recursive: true });
}

async function drawImages(folder: string): Promise<void> {
  const at = (...names: string[]) => join(folder, ...names);
  await writePhantoms(at('lungs'), 8, { size: [144, 144], seed: 2 });
  const ids = Array.from({ length: 8 }, (_, index) => `chest-000${index}`);
  const splits = { train: ids.slice(0, 5), val: ids.slice(5, 6), test: ids.slice(6) };
  for (const name of ['lungs', 'pneumonia', 'chests']) {
    mkdirSync(at(name), { recursive: true });
    writeFileSync(at(name, 'splits.json'), JSON.stringify(splits));
  }
  writeFileSync(at('lungs', 'dataset.json'), JSON.stringify({ classes: chestClasses }));
  cpSync(at('lungs/images'), at('xrays'), { recursive: true });
  cpSync(at('lungs/images'), at('pneumonia/images'), { recursive: true });
  writeFileSync(at('pneumonia', 'labels.json'), JSON.stringify(Object.fromEntries(ids.map((id, i) => [id, i % 2]))));
  cpSync(at('lungs/images'), at('chests/images'), { recursive: true });
  for (const [subject, id] of ids.entries()) {
    const { labels } = chestPhantom({ size: [144, 144], seed: 2, subject });
    for (const [name, classes] of Object.entries({ heart: [3], lungs: [1, 2] })) {
      const mask = Uint8Array.from(labels, (label) => (classes.includes(label) ? 255 : 0));
      const raw = { width: 144, height: 144, channels: 1 } as const;
      const file = at('chests/labels', name, `${id}.png`);
      mkdirSync(dirname(file), { recursive: true });
      await sharp(mask, { raw }).toColourspace('b-w').png().toFile(file);
    }
  }
  await writePhantoms(at('volumes'), 4, { size: [32, 32, 32], seed: 3 });
  cpSync(at('volumes/images'), at('scans'), { recursive: true });
  for (const part of ['images', 'labels']) {
    renameSync(at('volumes', part, 'chest-0001.nii.gz'), at('volumes', part, 'hippocampus_001.nii.gz'));
  }
  writeFileSync(
    at('volumes/splits.json'),
    JSON.stringify({ train: ['chest-0000'], val: ['chest-0002'], test: ['chest-0003'] }),
  );
}

/** A volume of a few centimetres, which is quickly resampled to voxels of a millimetre. */
function writeSmallVolume(file: string): void {
  const data = Int16Array.from(texture(12 * 12 * 12, 1000));
  const affine = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];
  writeVolume(file, { shape: [12, 12, 12], data, affine, slope: 1, intercept: 0 });
}

function writeDicomFiles(folder: string): void {
  const [rows, columns] = [16, 16];
  const write = (name: string, more: Parameters<typeof imageElements>[0]['more'], stored = 12) => {
    const pixels = Uint8Array.from(Buffer.from(Uint16Array.from(texture(rows * columns, 4000)).buffer));
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, writeDicom(imageElements({ rows, columns, pixels, stored, ...(more ? { more } : {}) })));
  };
  write('chest.dcm', {});
  const hounsfield = { '00080060': ['CS', 'CT'], '00281052': ['DS', '-1024'], '00281053': ['DS', '1'] } as const;
  for (const z of [0, 1, 2]) {
    const place = placeElements({ position: [0, 0, z], instance: z + 1 });
    write(`study/${z}.dcm`, { ...hounsfield, ...place });
    if (z === 0) write('ct.dcm', { ...hounsfield, ...place });
  }
}

const chest = (subject: number) => `xrays/chest-000${subject}.png`;
const scan = (subject: number) => `scans/chest-000${subject}.nii.gz`;

/** Name on a page: what it is in the world. */
const usual: Readonly<Record<string, string>> = {
  xrays: 'xrays',
  lungs: 'lungs',
  scans: 'scans',
  'scan.png': chest(0),
  'a.png': chest(1),
  'b.png': chest(2),
  'scan.nii.gz': scan(0),
  'a.nii.gz': scan(0),
  'b.nii.gz': scan(3),
  'a-labels.nii.gz': 'volumes/labels/chest-0000.nii.gz',
  'runs/xrays': 'runs/xrays',
  'runs/other': 'runs/other',
  'runs/lungs': 'runs/lungs',
  'runs/scans': 'runs/scans',
  'runs/contrast': 'runs/contrast',
  'runs/demo/run': 'runs/xrays',
};

/** Where a page means something else by a name, or has names of its own. */
const ofPage: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'docs/dicom.md': { 'chest.dcm': 'chest.dcm', 'ct.dcm': 'ct.dcm', study: 'study' },
  'docs/formats.md': { 'scan.nii.gz': 'small.nii.gz' },
  'docs/finetuning.md': {
    lungs: 'runs/lungs',
    'hc-slices': 'runs/hc-slices',
    hc: 'runs/hc',
    hippocampus: 'volumes',
    scans: 'xrays',
    'runs/pneumonia': 'runs/pneumonia',
    'runs/chests': 'runs/chests',
  },
  'docs/results.md': { 'runs/cover-0': 'runs/xrays', cxr_wingspan: 'lungs' },
  'docs/using.md': {
    'wsp_001.png': chest(0),
    'wsp_009.png': chest(1),
    'labels/wsp_001.png': 'lungs/labels/chest-0000.png',
    'labels/wsp_009.png': 'lungs/labels/chest-0001.png',
    'checkpoint.pth': join(root, 'golden-data/M_checkpoint_small_2d.pth'),
  },
  'docs/your-data.md': { hippocampus: 'volumes', 'runs/hc': 'runs/hc' },
  'docs/volumes.md': {
    hippocampus: 'scans',
    'runs/demo/run': 'runs/scans',
    'chest-0000.nii.gz': scan(0),
    'chest-0003.nii.gz': scan(3),
  },
};

/** The folder in which the commands of a page are run: its names, as links into the world. */
export function desk(world: string, page: string): string {
  const folder = join(world, 'desks', page.replaceAll('/', '-'));
  for (const [name, target] of Object.entries({ ...usual, ...ofPage[page] })) {
    const link = join(folder, name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target.startsWith('/') ? target : join(world, target), link);
  }
  return folder;
}

/** What a word of a page's command stands for in the world; itself, where it is no name. */
export const meaningOf = (page: string, word: string): string => ofPage[page]?.[word] ?? usual[word] ?? word;

/** Whether a page's names lead to something. */
export const namesOf = (page: string): string[] => Object.keys({ ...usual, ...ofPage[page] });
