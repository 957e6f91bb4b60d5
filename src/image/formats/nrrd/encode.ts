/** The bytes of NRRD files: label maps. */
import { joined } from '../../../core/bytes.js';
import { column } from '../../geometry/affine.js';
import type { Grid } from '../../geometry/orientation.js';

/**
 * A label map in one file, in RAS millimetres.
 * @param packed the labels `[z, y, x]`, little endian, as gzip
 * @param width bytes of a label
 */
export function nrrdLabels({ shape: [z, y, x], affine }: Grid, packed: Uint8Array, width: 1 | 2 = 1): Uint8Array {
  const vector = (index: number) => `(${column(affine, index).join(',')})`;
  const header = [
    'NRRD0004',
    `type: ${width === 1 ? 'uint8' : 'uint16'}`,
    'endian: little',
    'dimension: 3',
    'space: right-anterior-superior',
    `sizes: ${x} ${y} ${z}`,
    `space directions: ${[0, 1, 2].map(vector).join(' ')}`,
    'kinds: domain domain domain',
    'encoding: gzip',
    `space origin: ${vector(3)}`,
  ];
  return joined([new TextEncoder().encode(`${header.join('\n')}\n\n`), packed]);
}
