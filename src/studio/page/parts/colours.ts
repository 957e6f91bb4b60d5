/** Colours that are told apart by most eyes, on dark and on light. */
export const runColours = ['#4f9fe8', '#e08a1e', '#3aa873', '#d9586f', '#9a7be0', '#2ba3a8', '#b08f10', '#c8609c'];

export function runColour(index: number): string {
  return runColours[index % runColours.length] as string;
}

/** Classes over an image; the background has none. */
const classes: readonly (readonly [number, number, number])[] = [
  [128, 128, 128],
  [255, 176, 59],
  [79, 179, 255],
  [255, 99, 132],
  [118, 214, 138],
  [193, 140, 255],
  [64, 214, 214],
  [240, 228, 90],
  [255, 140, 200],
];

export function classColour(index: number): readonly [number, number, number] {
  return classes[index === 0 ? 0 : 1 + ((index - 1) % (classes.length - 1))] as readonly [number, number, number];
}

export function cssColour([red, green, blue]: readonly [number, number, number]): string {
  return `rgb(${red} ${green} ${blue})`;
}
