/**
 * Makes the configuration of a new run complete: classes from the data, channels, extents and intensities from the
 * pretraining.
 */
import { InputError } from '../core/errors.js';
import { isVolumeName } from '../data/file-names.js';
import { checkClasses, findClassNames } from '../data/labelled/known-classes.js';
import type { Layout } from '../data/labelled/labelled.js';
import { type SlicePlane, withinSlices } from '../image/index.js';
import { DIVISOR, divisibilityError } from '../nn/index.js';
import type { FinetuneConfig } from './config.js';
import type { FinetuneHost } from './host.js';
import type { Pretrained } from './pretrained.js';

/** The extents of images where nothing was pretrained and none are set; of slices the longest. */
const SCRATCH_EXTENT = 192;
/** The longest window of volumes there: a step of the default network on more does not fit into a usual memory. */
const SCRATCH_VOLUME = 96;
/** The share of windows about a labelled voxel, as in nnU-Net. */
const FOREGROUND = 1 / 3;

/** What is asked of the files. */
export type CompletionHost = Pick<FinetuneHost, 'labelsOf' | 'usualWindow'>;

/**
 * Fills what is empty.
 * @throws InputError ('data') when the data have no known layout or other axes than the network, ('config') for classes
 * or extents that do not fit
 */
export async function completeConfig(
  config: FinetuneConfig,
  layout: Layout,
  pretrained: Pretrained | null,
  host: CompletionHost,
): Promise<FinetuneConfig> {
  const { data, model, views, task } = config;
  const classes = await classesOf(config, layout, host);
  checkIslands(config, classes);
  const multiLabel = checkedMultiLabel(config, layout);
  const { dims, slices } = kindOf(config, layout, pretrained);
  const inputs = pretrained?.inputs ?? data.channels;
  const filled =
    dims === 3 || slices
      ? await volumeExtents(config, layout, { pretrained, slices }, host)
      : imageExtents(config, pretrained);
  if (task === 'classification' && filled.fit === 'keep') {
    throw new InputError(
      'config',
      'data.fit: expected resize for a classification, which sees images as a whole, found keep',
      'Leave it out; data.size sets the extents.',
    );
  }
  checkExtents(filled, dims);
  const far = views.flips.find((axis) => axis >= dims);
  if (far !== undefined) {
    throw new InputError('config', `views.flips: expected axes below ${dims}, found ${far}`, 'Images have 0 and 1.');
  }
  const { crop, foreground, ...extents } = filled;
  return {
    ...config,
    data: { ...data, ...extents, slices, classes, multiLabel, channels: inputs },
    views: { ...views, crop, foreground },
    model: { ...model, channels: [...(pretrained?.channels ?? model.channels)] },
  };
}

async function classesOf({ data }: FinetuneConfig, layout: Layout, host: CompletionHost): Promise<string[]> {
  const named = data.classes.length > 0 ? data.classes : layout.classes;
  if (named.length > 0) await checkClasses(layout.cases, host.labelsOf);
  const classes = named.length > 0 ? [...named] : await findClassNames(layout.cases, data.ignore, host.labelsOf);
  if (classes.length < 2) {
    throw new InputError(
      'config',
      `data.classes: expected at least two classes, found ${classes.join(', ') || 'none'}`,
      'The first is the background, or the first of two alternatives.',
    );
  }
  if (data.ignore < classes.length) {
    throw new InputError(
      'config',
      `data.ignore: expected a label above the ${classes.length} classes, found ${data.ignore}, which is ${classes[data.ignore]}`,
      'The default is 255.',
    );
  }
  return classes;
}

function checkIslands({ data, task }: FinetuneConfig, classes: readonly string[]): void {
  const known = task === 'segmentation' ? classes.slice(1) : [];
  const strange = data.removeIslands?.find((name) => !known.includes(name));
  if (strange === undefined) return;
  throw new InputError(
    'config',
    `data.removeIslands: expected names among ${known.join(', ') || 'none, for images as a whole have no masks'}, found ${strange}`,
    'Leave it out: which classes are in one piece is found out from the labels.',
  );
}

/** Whether classes may overlap, which the data tell. */
function checkedMultiLabel({ data, task }: FinetuneConfig, { multiLabel = false, classes }: Layout): boolean {
  if (data.multiLabel && !multiLabel) {
    throw new InputError(
      'config',
      `data.multiLabel: expected a mask for each class in ${data.source}/labels/CLASS/, found ${task === 'classification' ? 'a classification' : 'one label for each pixel'}`,
      'Leave it out: whether classes may overlap is found out from the data.',
    );
  }
  if (!multiLabel) return false;
  if (data.classes.length > 0 && data.classes.join() !== classes.join()) {
    throw new InputError(
      'config',
      `data.classes: expected the folders of the masks, ${classes.join(', ')}, found ${data.classes.join(', ')}`,
      'Leave it out.',
    );
  }
  if (data.ignore !== 255) {
    throw new InputError(
      'config',
      `data.ignore: expected 255 where classes have masks of their own, found ${data.ignore}`,
      'A mask has no pixels of no class.',
    );
  }
  return true;
}

/** What the network sees: images, volumes, or the slices of volumes. */
interface Kind {
  /** Axes of the network. */
  readonly dims: 2 | 3;
  readonly slices: SlicePlane | null;
}

/** As the files are, which a pretrained network must have seen. */
function kindOf({ data, model, task }: FinetuneConfig, { cases }: Layout, pretrained: Pretrained | null): Kind {
  const volumes = cases.filter(({ image, series }) => series || isVolumeName(image)).length;
  if (volumes > 0 && volumes < cases.length) {
    throw new InputError(
      'data',
      `${data.source}: expected images or volumes, found ${cases.length - volumes} and ${volumes}`,
      'Give each kind a folder of its own.',
    );
  }
  const slices = data.slices ?? (volumes > 0 && task === 'segmentation' ? (pretrained?.slices ?? null) : null);
  if (slices && (volumes === 0 || task === 'classification')) {
    throw new InputError(
      'config',
      `data.slices: expected volumes with a label for each voxel, found ${volumes === 0 ? 'images' : 'a classification'}`,
      'Leave it out.',
    );
  }
  const dims = volumes > 0 && !slices ? 3 : 2;
  if (!pretrained || pretrained.dims === dims) return { dims, slices };
  const kind = (axes: number) => (axes === 3 ? 'volumes' : 'images');
  if (slices) {
    throw new InputError(
      'config',
      `data.slices: expected a network of two axes, found ${model.from}, which was trained on volumes`,
      'Leave it out: that network sees volumes as a whole.',
    );
  }
  throw new InputError(
    'data',
    `${data.source}: expected ${kind(pretrained.dims)}, for which ${model.from} was trained, found ${kind(dims)}`,
    dims === 3 && task === 'segmentation'
      ? 'Take the volumes slice by slice with --set data.slices=axial (or coronal, sagittal), or begin with --from scratch.'
      : `Begin with a network that was pretrained on ${kind(dims)}, or with --from scratch.`,
  );
}

interface Filled {
  readonly size: number[];
  readonly fit: 'resize' | 'keep';
  readonly spacing: FinetuneConfig['data']['spacing'];
  readonly intensity: FinetuneConfig['data']['intensity'];
  readonly crop: number[];
  readonly foreground: number;
}

function imageExtents({ data, views }: FinetuneConfig, pretrained: Pretrained | null): Filled {
  const { spacing, intensity, fit } = data;
  const usual = pretrained?.shape.map(nearestSize) ?? [SCRATCH_EXTENT, SCRATCH_EXTENT];
  const foreground = views.foreground ?? 0;
  if (fit === 'keep') {
    const crop = views.crop.length > 0 ? views.crop : usual;
    return { size: [], fit, spacing, intensity, crop, foreground };
  }
  const size = data.size.length > 0 ? data.size : usual;
  const crop = views.crop.length > 0 ? views.crop : [...size];
  return { size, fit: 'resize', spacing, intensity, crop, foreground };
}

/** A classification sees whole volumes, so they are resized. Extents of slices are rows and columns. */
async function volumeExtents(
  { data, views, task }: FinetuneConfig,
  { cases }: Layout,
  { pretrained, slices }: { readonly pretrained: Pretrained | null; readonly slices: SlicePlane | null },
  host: CompletionHost,
): Promise<Filled> {
  const spacing = data.spacing ?? pretrained?.spacing ?? null;
  const intensity = data.intensity ?? pretrained?.intensity ?? 'auto';
  const whole = task === 'classification' || data.size.length > 0;
  const usual = async () => {
    const window = await host.usualWindow(cases, spacing, slices ? SCRATCH_EXTENT : SCRATCH_VOLUME);
    return slices ? withinSlices(slices, window) : window;
  };
  const fit = data.fit ?? (whole ? 'resize' : (pretrained?.fit ?? 'keep'));
  if (fit === 'keep') {
    const crop = views.crop.length > 0 ? views.crop : [...(pretrained?.window ?? (await usual()))];
    return { size: [], fit, spacing, intensity, crop, foreground: views.foreground ?? FOREGROUND };
  }
  const size = data.size.length > 0 ? data.size : (pretrained?.shape.map(nearestSize) ?? (await usual()));
  const crop = views.crop.length > 0 ? views.crop : [...size];
  return { size, fit, spacing, intensity, crop, foreground: views.foreground ?? (slices ? FOREGROUND : 0) };
}

function nearestSize(extent: number): number {
  return Math.max(DIVISOR, Math.round(extent / DIVISOR) * DIVISOR);
}

function checkExtents({ size, fit, crop }: Filled, dims: number): void {
  const axes = dims === 2 ? 'height and width' : 'extents along z, y and x';
  if (fit === 'resize' && size.length !== dims) {
    throw new InputError('config', `data.size: expected ${axes}, found [${size.join(', ')}]`);
  }
  if (fit === 'keep' && crop.length !== dims) {
    throw new InputError('config', `views.crop: expected ${axes}, found [${crop.join(', ')}]`);
  }
  if (size.some((extent) => extent % DIVISOR !== 0)) throw divisibilityError('data.size', size);
  if (crop.some((extent) => extent % DIVISOR !== 0)) throw divisibilityError('views.crop', crop);
  if (fit === 'keep') return;
  if (crop.length === size.length && crop.every((extent, axis) => extent <= size[axis]!)) return;
  throw new InputError(
    'config',
    `views.crop: expected extents of at most data.size, ${size.join(' × ')}, found ${crop.join(' × ')}`,
    'Choose a smaller window or larger images.',
  );
}
