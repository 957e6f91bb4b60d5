/**
 * Gaussian smoothing along any axes of an array, one axis after another. Same kernel and borders as SciPy's
 * `gaussian_filter` with `truncate = 4`: the elastic part of a transformation smooths its offsets with it (paper:
 * Self-Vector Regression) and the appearance draw blurs with it.
 */

/** What lies beyond the border: zeros, or the mirror image with the border pixel repeated (d c b a | a b c d). */
export type SmoothBorder = 'constant' | 'reflect';

/**
 * Smooths along the given axes; the input is left as it is.
 * @param data values of `shape` in row-major order
 * @param sigma standard deviation in pixels; below 0.125 the kernel is a single 1 and a copy is returned
 */
export function gaussianSmooth<Data extends Float32Array | Float64Array>(
  data: Data,
  shape: readonly number[],
  axes: readonly number[],
  sigma: number,
  border: SmoothBorder,
): Data {
  const smoothed = data.slice() as Data;
  const kernel = gaussianKernel(sigma);
  if (kernel.length === 1) return smoothed;
  for (const axis of axes) smoothAxis(smoothed, shape, axis, kernel, border);
  return smoothed;
}

/** One half of the normalised kernel: `kernel[k]` is the weight at distance k; its radius is int(4·sigma + 0.5). */
function gaussianKernel(sigma: number): Float64Array {
  const radius = Math.floor(4 * sigma + 0.5);
  const kernel = new Float64Array(radius + 1);
  if (radius === 0) return kernel.fill(1);
  let sum = 0;
  for (let k = 0; k <= radius; k++) {
    kernel[k] = Math.exp((-0.5 * k * k) / (sigma * sigma));
    sum += k === 0 ? kernel[k]! : 2 * kernel[k]!;
  }
  return kernel.map((weight) => weight / sum);
}

function smoothAxis(
  data: Float32Array | Float64Array,
  shape: readonly number[],
  axis: number,
  kernel: Float64Array,
  border: SmoothBorder,
): void {
  const extent = shape[axis]!;
  const radius = kernel.length - 1;
  let stride = 1;
  for (let later = axis + 1; later < shape.length; later++) stride *= shape[later]!;
  const line = new Float64Array(extent + 2 * radius);
  const smoothed = new Float64Array(extent);
  const mirrors = border === 'reflect' ? mirrorIndices(extent, radius) : undefined;
  for (let block = 0; block < data.length; block += extent * stride) {
    for (let first = block; first < block + stride; first++) {
      for (let i = 0; i < extent; i++) line[radius + i] = data[first + i * stride]!;
      if (mirrors) {
        for (let i = 0; i < radius; i++) {
          line[i] = line[radius + mirrors[i]!]!;
          line[radius + extent + i] = line[radius + mirrors[radius + i]!]!;
        }
      }
      convolve(line, kernel, smoothed);
      for (let i = 0; i < extent; i++) data[first + i * stride] = smoothed[i]!;
    }
  }
}

/** Convolves a line, padded by the kernel's radius on both sides, with a symmetric kernel. */
function convolve(line: Float64Array, kernel: Float64Array, smoothed: Float64Array): void {
  const radius = kernel.length - 1;
  for (let i = 0; i < smoothed.length; i++) {
    const centre = radius + i;
    let sum = kernel[0]! * line[centre]!;
    for (let k = 1; k <= radius; k++) sum += kernel[k]! * (line[centre - k]! + line[centre + k]!);
    smoothed[i] = sum;
  }
}

/** Where the `radius` pixels before and the `radius` pixels after a line of `extent` pixels are mirrored to. */
function mirrorIndices(extent: number, radius: number): Int32Array {
  const mirrors = new Int32Array(2 * radius);
  const period = 2 * extent;
  const mirror = (at: number): number => {
    const wrapped = ((at % period) + period) % period;
    return wrapped < extent ? wrapped : period - 1 - wrapped;
  };
  for (let i = 0; i < radius; i++) {
    mirrors[i] = mirror(i - radius);
    mirrors[radius + i] = mirror(extent + i);
  }
  return mirrors;
}
