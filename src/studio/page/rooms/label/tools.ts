/** The tools of the desk, and what each needs to know. */
import { slicePlanes } from '../../../../image/geometry/slice-planes';

export const tools = ['brush', 'erase', 'polygon', 'fill', 'click'] as const;
export type Tool = (typeof tools)[number];

export const toolFacts: Readonly<
  Record<Tool, { readonly title: string; readonly key: string; readonly help: string }>
> = {
  brush: { title: 'Brush', key: 'b', help: 'Drag to paint. [ and ] change the size.' },
  erase: { title: 'Eraser', key: 'e', help: 'Drag to take away what was painted.' },
  polygon: {
    title: 'Polygon',
    key: 'p',
    help: 'Click corners; Enter or the first corner closes it, Escape gives it up.',
  },
  fill: {
    title: 'Fill',
    key: 'f',
    help: 'Click a part of one brightness; drag to the right for more, to the left for less.',
  },
  click: {
    title: 'Grow',
    key: 'g',
    help: 'Click a part: it grows over what the network finds alike. Drag for more or less.',
  },
};

/** How the desk is set. */
export interface Desk {
  readonly tool: Tool;
  readonly label: number;
  /** The radius of brush and eraser, in pixels of the image. */
  readonly radius: number;
  /** Of the labels that are laid over, 0 to 1. */
  readonly opacity: number;
  readonly show: Shown;
  /** Only what nobody painted is painted over. */
  readonly keepPainted: boolean;
  /** Which planes of a volume are shown. */
  readonly planes: ShownPlanes;
}

export const shownPlanes = ['three', ...slicePlanes] as const;
export type ShownPlanes = (typeof shownPlanes)[number];

export const shownLayers = ['drawn', 'prediction', 'certainty', 'nothing'] as const;
export type Shown = (typeof shownLayers)[number];

export const shownTitles: Readonly<Record<Shown, string>> = {
  drawn: 'What is drawn',
  prediction: 'The prediction',
  certainty: 'How certain it is',
  nothing: 'The image alone',
};

export const usualDesk: Desk = {
  tool: 'brush',
  label: 1,
  radius: 6,
  opacity: 0.5,
  show: 'drawn',
  keepPainted: false,
  planes: 'three',
};
