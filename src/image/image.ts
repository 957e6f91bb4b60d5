/**
 * A decoded image: the values as the file stores them, one plane for each channel, with the bit depth they came with.
 * A plane is row-major over its spatial axes, so that a volume is the same type with one axis more.
 */
import { InputError } from '../core/errors.js';
import { sizeOf, type Tensor, tensor } from '../core/tensor.js';

/** Stored values of one image. */
export interface Image {
  /** The spatial extents: [H, W] for a 2D image. */
  readonly shape: readonly number[];
  readonly channels: number;
  /** [C, ...S], the stored values without any scaling. */
  readonly data: Float32Array;
  /** Bits of one stored value; 32 means floating point. */
  readonly bitDepth: 8 | 16 | 32;
  /** The largest value that the bit depth can hold: 255, 65535, or 1 for floating point. */
  readonly maximum: number;
  /** The EXIF orientation, 2 to 8, that was undone; absent where the file stores its pixels upright. */
  readonly orientation?: number;
  /** Whether pixels are transparent: `data` holds what lies under them. */
  readonly transparent?: boolean;
  /** Whether the file is compressed such that values near edges are others than were stored. */
  readonly lossy?: boolean;
  /** What else the reader had to assume or repair, a sentence each. */
  readonly warnings?: readonly string[];
  /** Where the image came from, for messages. */
  readonly source: string;
}

/** All that is to be told of an image, a sentence each. */
export function imageWarnings({ orientation, transparent, warnings = [] }: Image): string[] {
  return [
    ...(orientation ? [`turned as its EXIF orientation ${orientation} says; labels must lie on the turned image`] : []),
    ...(transparent ? ['transparent pixels: what the file stores under them is used'] : []),
    ...warnings,
  ];
}

/** Rec. 601 weights of red, green and blue. */
const LUMA = [0.299, 0.587, 0.114] as const;

/**
 * The values divided by the maximum of the bit depth.
 * @returns [C, ...S] in [0, 1]
 * @throws InputError ('image') when floating-point values lie outside of [0, 1], where no scale is known.
 */
export function toUnitRange(image: Image): Tensor {
  const { data, maximum } = image;
  const unit = new Float32Array(data.length);
  for (let index = 0; index < data.length; index++) {
    const value = data[index]! / maximum;
    if (!(value >= 0 && value <= 1)) {
      throw new InputError(
        'image',
        `${image.source}: expected values from 0 to ${maximum}, found ${data[index]}`,
        'Scale the values of this image to the range from 0 to 1, or store them as 16-bit integers.',
      );
    }
    unit[index] = value;
  }
  return tensor([image.channels, ...image.shape], unit);
}

/**
 * The image with one channel (Rec. 601 luma) or three (the gray plane repeated); the same image where it fits already.
 * @throws InputError ('image') when the image has neither one nor three channels.
 */
export function toChannels(image: Image, channels: 1 | 3): Image {
  if (image.channels === channels) return image;
  const size = sizeOf(image.shape);
  if (image.channels === 1) {
    const data = new Float32Array(size * 3);
    for (let channel = 0; channel < 3; channel++) data.set(image.data, channel * size);
    return { ...image, channels, data };
  }
  if (image.channels !== 3) {
    throw new InputError(
      'image',
      `${image.source}: expected 1 or 3 channels, found ${image.channels}`,
      'Store the image as gray or RGB.',
    );
  }
  const [red, green, blue] = LUMA;
  const data = new Float32Array(size);
  for (let index = 0; index < size; index++) {
    const luma = red * image.data[index]! + green * image.data[size + index]! + blue * image.data[2 * size + index]!;
    data[index] = Math.min(luma, image.maximum);
  }
  return { ...image, channels, data };
}
