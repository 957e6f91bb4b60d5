/**
 * The orientation that EXIF names for a picture (tag 274): a camera stores its pixels as they come off the sensor, and
 * says how they are to be turned. Viewers turn them, and so do most tools that draw labels.
 */

/** 1 leaves a picture as it is; 2 to 8 mirror and turn it. */
export type ExifOrientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/**
 * Where the row and the column of the upright picture run in the stored one: backwards or not, and whether they change
 * places.
 */
const TURNS: Readonly<Record<ExifOrientation, { swap: boolean; rowBack: boolean; columnBack: boolean }>> = {
  1: { swap: false, rowBack: false, columnBack: false },
  2: { swap: false, rowBack: false, columnBack: true },
  3: { swap: false, rowBack: true, columnBack: true },
  4: { swap: false, rowBack: true, columnBack: false },
  5: { swap: true, rowBack: false, columnBack: false },
  6: { swap: true, rowBack: true, columnBack: false },
  7: { swap: true, rowBack: true, columnBack: true },
  8: { swap: true, rowBack: false, columnBack: true },
};

/** The orientation as a number names it; 1 for one that EXIF does not know. */
export function exifOrientation(value: number | undefined): ExifOrientation {
  return value !== undefined && Object.hasOwn(TURNS, value) ? (value as ExifOrientation) : 1;
}

/**
 * The picture as it is to be seen.
 * @param data `[C, H, W]` as stored
 * @param shape [H, W] as stored
 * @returns the same picture upright, with its own extents
 */
export function upright(
  data: Float32Array,
  [height, width]: readonly [number, number],
  orientation: ExifOrientation,
): { readonly data: Float32Array; readonly shape: [number, number] } {
  if (orientation === 1) return { data, shape: [height, width] };
  const { swap, rowBack, columnBack } = TURNS[orientation];
  const [rows, columns] = swap ? [width, height] : [height, width];
  const turned = new Float32Array(data.length);
  let target = 0;
  for (let plane = 0; plane < data.length; plane += height * width) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        // In the stored picture; with `swap` the upright row counts stored columns.
        const [along, across] = swap ? [column, row] : [row, column];
        const storedRow = rowBack ? height - 1 - along : along;
        const storedColumn = columnBack ? width - 1 - across : across;
        turned[target++] = data[plane + storedRow * width + storedColumn]!;
      }
    }
  }
  return { data: turned, shape: [rows, columns] };
}
