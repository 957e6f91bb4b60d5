/** What a pretraining is begun with from the page: networks, the sides of views, and how volumes are seen. */

/** Networks by what they take; the settings behind each are shown. */
export const networks = [
  { name: 'default', title: 'Default network', settings: [] },
  {
    name: 'small',
    title: 'Small network, for a first look',
    settings: ['model.channels=[8,16,32,64,64,64,32,16,8]', 'optimizer.rate=1e-3'],
  },
] as const;

/** The sides of views that are offered, and what is usual. */
export const viewsOf = {
  2: { sides: [64, 96, 128, 192, 256, 384], side: 128, batch: 4, unit: 'pixels', what: 'Images' },
  3: { sides: [32, 48, 64, 96], side: 48, batch: 1, unit: 'voxels', what: 'Volumes' },
} as const;

/** How volumes are seen: whole, or slice by slice, along a plane, by a network of images. */
export const waysOfVolumes = [
  { name: 'whole', title: 'whole, with views of three extents' },
  { name: 'axial', title: 'by axial slices' },
  { name: 'coronal', title: 'by coronal slices' },
  { name: 'sagittal', title: 'by sagittal slices' },
] as const;
