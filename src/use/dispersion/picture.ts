/** The first cases with their labels, and the principal components of each network's features beside them. */
import type { Tensor } from '../../core/tensor.js';
import type { Labels } from '../../data/labelled/labels.js';
import {
  classesInPlane,
  DENSITY,
  inPlane,
  labelOverlay,
  montage,
  type Picture,
  pcaColours,
  photo,
  planesThrough,
} from '../../report/index.js';
import type { MeasuredNetwork } from './measure.js';
import type { DispersionReport } from './report.js';

const side = 256 * DENSITY;

/** A row for each case; of volumes the axial plane through the middle. */
export function featurePicture(
  { cases }: DispersionReport,
  images: readonly Tensor[],
  labels: readonly Labels[],
  networks: readonly MeasuredNetwork[],
): Picture {
  const cells = images.flatMap((image, index): [string, Picture][] => {
    const grid = image.shape.slice(1);
    const plane = planesThrough(grid.map((extent) => extent >> 1))[0]!;
    const cut = (values: Tensor) => inPlane(values, plane, grid);
    const classes = classesInPlane(labels[index]!, plane, grid);
    return [
      [cases[index]!, labelOverlay(photo(cut(image), { side }), classes)],
      ...networks.map(({ dispersion, maps }): [string, Picture] => [
        dispersion.name,
        photo(cut(pcaColours(maps[index]!)), { side, range: [0, 1] }),
      ]),
    ];
  });
  return montage(cells, { columns: networks.length + 1 });
}
