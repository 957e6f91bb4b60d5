/** What is laid over an image: classes in their colours with their edges, or how certain a prediction is. */
import { viridis } from '../../../../report/colour';
import { classColour } from '../../parts/colours';
import { painted } from '../../parts/picture';

export interface OverlayOptions {
  readonly opacity: number;
  /** Classes that are not shown. */
  readonly hidden?: ReadonlySet<number>;
  /** Whether the background has a colour: while one draws it does, where it was painted. */
  readonly background?: boolean;
}

/** @param labels a class for every pixel, 255 for none */
export function classOverlay(
  width: number,
  height: number,
  labels: Uint8Array,
  { opacity, hidden, background = false }: OverlayOptions,
): HTMLCanvasElement {
  const alpha = Math.round(255 * opacity);
  const edge = Math.min(255, Math.round(255 * (opacity + 0.35)));
  return painted(width, height, (data) => {
    for (let pixel = 0; pixel < labels.length; pixel++) {
      const label = labels[pixel]!;
      if (label === 255 || (label === 0 && !background) || hidden?.has(label)) continue;
      const [red, green, blue] = classColour(label);
      const column = pixel % width;
      const border =
        (column > 0 && labels[pixel - 1] !== label) ||
        (column < width - 1 && labels[pixel + 1] !== label) ||
        (pixel >= width && labels[pixel - width] !== label) ||
        (pixel < labels.length - width && labels[pixel + width] !== label);
      data[4 * pixel] = red;
      data[4 * pixel + 1] = green;
      data[4 * pixel + 2] = blue;
      data[4 * pixel + 3] = label === 0 ? alpha / 3 : border ? edge : alpha;
    }
  });
}

/** Where a prediction is uncertain it glows; where it is certain the image is seen. @param certainty 0 to 255 */
export function certaintyOverlay(
  width: number,
  height: number,
  certainty: Uint8Array,
  opacity: number,
): HTMLCanvasElement {
  return painted(width, height, (data) => {
    for (let pixel = 0; pixel < certainty.length; pixel++) {
      const doubt = (1 - certainty[pixel]! / 255) ** 2;
      const [red, green, blue] = viridis(0.25 + 0.75 * doubt);
      data[4 * pixel] = red;
      data[4 * pixel + 1] = green;
      data[4 * pixel + 2] = blue;
      data[4 * pixel + 3] = 255 * Math.min(1, (0.15 + 2 * opacity) * doubt);
    }
  });
}
