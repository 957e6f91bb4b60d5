/**
 * The eight tasks of the paper (its section of experiments; KiPA22 is two of them, by slices and by volumes). Layouts
 * are those of the downloads where the library reads them, else folders `images/` and `labels/` that are to be made.
 */
import type { DatasetPreset } from './preset.js';

const segmentationMetrics = ['dice', 'iou', 'hd95', 'assd', 'nsd'];
const classificationMetrics = ['auc', 'sensitivity', 'specificity', 'f1', 'accuracy'];

export const presetNames = ['scr', 'pdcxr', 'kipa22-slices', 'fives', 'candi', 'feta21', 'kipa22', 'stoic'] as const;
export type PresetName = (typeof presetNames)[number];

const kipa22: DatasetPreset = {
  title: 'KiPA22: kidney, tumour, renal artery and vein in CT angiography',
  task: 'segmentation',
  dims: 3,
  classes: ['background', 'renal vein', 'kidney', 'renal artery', 'tumour'],
  parts: [{ images: 'train/image/{id}.nii.gz', label: 'train/label/{id}.nii.gz' }],
  cases: 70,
  metrics: segmentationMetrics,
  page: 'https://kipa22.grand-challenge.org/dataset/',
  preparation: 'Sign the agreement of the challenge, unpack the archive; the folder has train/image and train/label.',
  settings: { data: { fit: 'keep' }, views: { crop: [96, 96, 96] } },
};

export const datasetPresets: Readonly<Record<PresetName, DatasetPreset>> = {
  scr: {
    title: 'SCR: lungs, heart and clavicles in the chest radiographs of JSRT',
    task: 'segmentation',
    dims: 2,
    classes: ['background', 'lungs', 'heart', 'clavicles'],
    parts: [{ images: 'images/{id}.png', label: 'labels/{id}.png' }],
    cases: 247,
    metrics: segmentationMetrics,
    page: 'http://db.jsrt.or.jp/eng.php (images), https://www.isi.uu.nl/Research/Databases/SCR/ (masks)',
    preparation:
      'The images are raw values without a header (.IMG, 2048 × 2048, 16 bit, big-endian): convert them to PNG. Merge the masks of an ' +
      'image into one PNG of class indices: 1 lungs, 2 heart, 3 clavicles, later ones over earlier ones.',
    settings: { data: { size: [384, 384] } },
  },
  pdcxr: {
    title: 'PDCXR: pneumonia in chest radiographs of children (Kermany and others, Cell 172, 2018)',
    task: 'classification',
    dims: 2,
    classes: ['normal', 'pneumonia'],
    parts: [
      { part: 'train', images: 'train/NORMAL/{id}.jpeg', label: { class: 0 } },
      { part: 'train', images: 'train/PNEUMONIA/{id}.jpeg', label: { class: 1 } },
      { part: 'test', images: 'test/NORMAL/{id}.jpeg', label: { class: 0 } },
      { part: 'test', images: 'test/PNEUMONIA/{id}.jpeg', label: { class: 1 } },
    ],
    cases: 5856,
    patients: '^(person\\d+|(?:NORMAL2-)?IM-\\d+)',
    metrics: classificationMetrics,
    page: 'https://data.mendeley.com/datasets/rscbjbr9sj/2',
    preparation: 'Unpack ChestXRay2017.zip; the folder is chest_xray, with train/ and test/.',
    settings: { data: { size: [384, 384] } },
  },
  'kipa22-slices': {
    ...kipa22,
    title: 'KiPA22 by axial slices: kidney, tumour, renal artery and vein in CT angiography',
    settings: { data: { slices: 'axial', size: [160, 160] } },
  },
  fives: {
    title: 'FIVES: vessels in photographs of the retina (Jin and others, Scientific Data 9, 2022)',
    task: 'segmentation',
    dims: 2,
    classes: ['background', 'vessel'],
    parts: [
      { part: 'train', images: 'train/Original/{id}.png', label: 'train/Ground truth/{id}.png' },
      { part: 'test', images: 'test/Original/{id}.png', label: 'test/Ground truth/{id}.png' },
    ],
    cases: 800,
    values: { 0: 0, 255: 1 },
    metrics: segmentationMetrics,
    page: 'https://doi.org/10.6084/m9.figshare.19688169',
    preparation: 'Unpack the archive; the folder has train/ and test/, each with Original/ and "Ground truth/".',
    settings: { data: { size: [1024, 1024], channels: 3 }, views: { crop: [384, 384] } },
  },
  candi: {
    title: 'CANDI: regions of the brain in T1-weighted MRI',
    task: 'segmentation',
    dims: 3,
    classes: ['background', ...Array.from({ length: 28 }, (_, index) => `region ${index + 1}`)],
    parts: [{ images: 'images/{id}.nii.gz', label: 'labels/{id}.nii.gz' }],
    cases: 103,
    metrics: segmentationMetrics,
    page: 'https://www.nitrc.org/projects/candi_share',
    preparation:
      'Of each subject take the processed image (_procimg) as images/ID.nii.gz and the segmentation (_seg) as labels/ID.nii.gz, with the ' +
      '28 regions renumbered from 1 to 28 and all else 0. data.classes gives them their names.',
    settings: { data: { fit: 'keep' }, views: { crop: [96, 96, 96] } },
  },
  feta21: {
    title: 'FeTA 2021: tissues of the fetal brain in reconstructed T2-weighted MRI',
    task: 'segmentation',
    dims: 3,
    classes: [
      'background',
      'external cerebrospinal fluid',
      'grey matter',
      'white matter',
      'ventricles',
      'cerebellum',
      'deep grey matter',
      'brainstem',
    ],
    parts: [{ images: '{id}/anat/{name}_T2w.nii.gz', label: '{id}/anat/{name}_dseg.nii.gz' }],
    cases: 80,
    metrics: segmentationMetrics,
    page: 'https://feta.grand-challenge.org/data-download/ (Synapse syn25649159, after registration)',
    preparation: 'Unpack the archive; the folder has sub-001/ … sub-080/ with anat/.',
    settings: { data: { fit: 'keep' }, views: { crop: [96, 96, 96] } },
  },
  kipa22,
  stoic: {
    title: 'STOIC 2021: severe COVID-19 in chest CT',
    task: 'classification',
    dims: 3,
    classes: ['not severe', 'severe'],
    parts: [
      {
        images: 'data/mha/{id}.mha',
        label: { table: 'metadata/reference.csv', id: 'PatientID', class: 'probSevere' },
      },
    ],
    cases: 2000,
    metrics: classificationMetrics,
    page: 'https://registry.opendata.aws/stoic2021-training/',
    preparation: 'Copy the bucket with data/mha and metadata/reference.csv.',
    settings: { data: { size: [96, 96, 96], intensity: 'wide' } },
  },
};
