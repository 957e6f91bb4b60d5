/** Pretraining in a page. */
import { gzipSync } from 'fflate';
import { displacementFieldBytes, type Grid } from '../image/index.js';
import type { PretrainHost } from '../pretrain/host.js';
import { type PageOptions, pageHost } from './host.js';
import { openImages } from './images.js';

export function pagePretrainHost(options: PageOptions = {}): PretrainHost {
  const host = pageHost(options);
  return { ...host, openImages: openImages(host.digest, options.images), encodeField };
}

/** A field in mm as packed NIfTI. @param field `[3, ...shape]`, in voxels @param spacing along [z, y, x] in mm */
async function encodeField(field: Float32Array, shape: readonly number[], [z, y, x]: readonly number[]) {
  // The voxels of a view lie in RAS from 0 on, since a view is a place of its own.
  const affine = [x!, 0, 0, 0, 0, y!, 0, 0, 0, 0, z!, 0, 0, 0, 0, 1];
  return gzipSync(displacementFieldBytes(field, { shape: shape as unknown as Grid['shape'], affine }));
}
