/** What a state dict of the authors' release tells beyond parameters. */
import { HEAD_CHANNELS } from './mov.js';

/** The offsets of the window, `[2A + 1, 2A + 1, 2]`. */
const TEMPLATE = 'mov.grid';

export const buffers = [TEMPLATE];

/** Heads and window, where all five projections are there. */
export function projectionSettings(shapeOf: (name: string) => readonly number[] | undefined): string[] {
  const widths = [0, 1, 2, 3, 4].map((level) => shapeOf(`proj.${level}.proj.weight`)?.[0]);
  if (widths.includes(undefined)) return [];
  const template = shapeOf(TEMPLATE);
  return [
    `model.heads=[${widths.map((width) => width! / HEAD_CHANNELS).join(', ')}]`,
    ...(template ? [`model.window=${(template[0]! - 1) / 2}`] : []),
  ];
}
