/**
 * A chest X-ray phantom: a schematic frontal radiograph drawn from formulas, for tests, demonstrations and a first run
 * without data. Brightness follows attenuation: air is dark, soft tissue grey, bone bright; what lies in one line of
 * sight adds up. Lengths are shares of the shorter side of the picture, `across` is the distance from the midline and
 * grows outwards on either side. The image is seen as radiologists see it: the patient's right is on the left.
 * It has the topology of a chest, not its physics: don't train a model for patients on it.
 */
import { InputError } from '../core/errors.js';
import { type Random, randomStream } from '../core/random.js';
import { type Tensor, tensor } from '../core/tensor.js';

/** The classes of `labels`; where two organs overlap the later class wins. */
export const chestClasses = ['background', 'right lung', 'left lung', 'heart', 'clavicle'] as const;

export interface ChestOptions {
  /** `[H, W]`, each at least 16 pixels. */
  readonly size: readonly [number, number];
  readonly seed: number | string;
  /** Each subject has its own anatomy, vessels and noise. */
  readonly subject: number | string;
}

export interface ChestPhantom {
  /** `[1, H, W]`, in [0, 1]. */
  readonly image: Tensor;
  /** `H·W` indices into {@link chestClasses}, row-major. */
  readonly labels: Uint8Array;
}

/** Draws the chest of one subject. The same options give the same bytes. */
export function chestPhantom({ size, seed, subject }: ChestOptions): ChestPhantom {
  const [height, width] = size;
  if (!(Number.isInteger(height) && Number.isInteger(width) && height >= 16 && width >= 16)) {
    throw new InputError(
      'shape',
      `a phantom's size is [H, W] in whole pixels of at least 16, found [${size.join(', ')}]`,
    );
  }
  const anatomy = drawAnatomy(randomStream(seed, subject, 'anatomy'));
  const sheet = new Sheet(height, width);
  const labels = new Uint8Array(height * width);
  const lung = softTissue(sheet, labels, anatomy);
  ribs(sheet, anatomy);
  vessels(sheet, lung, anatomy, randomStream(seed, subject, 'vessels'));
  clavicles(sheet, labels, anatomy);
  const image = exposure(sheet, randomStream(seed, subject, 'noise'));
  return { image: tensor([1, height, width], image), labels };
}

/** What differs between subjects. Lengths in shares of the shorter side. */
interface Anatomy {
  readonly midline: number;
  readonly lean: number;
  readonly bodyWidth: number;
  readonly tissue: number;
  readonly apex: number;
  readonly lungWidth: number;
  /** Lowest point of the lungs and height of the dome: right, left. */
  readonly base: readonly [number, number];
  readonly dome: readonly [number, number];
  readonly mediastinum: number;
  readonly heart: {
    readonly x: number;
    readonly y: number;
    readonly a: number;
    readonly b: number;
    readonly tilt: number;
  };
  readonly aorta: number;
  readonly ribCount: number;
  readonly ribTilt: number;
  readonly ribWidth: number;
  readonly ribBrightness: number;
  readonly clavicleRise: readonly [number, number];
  readonly stomach: number;
}

function drawAnatomy(random: Random): Anatomy {
  const between = (low: number, high: number) => random.uniform(low, high);
  const base = between(0.78, 0.87);
  const dome = between(0.09, 0.14);
  const heartSize = between(0.9, 1.15);
  return {
    midline: 0.5 + between(-0.025, 0.025),
    lean: between(-0.04, 0.04),
    bodyWidth: between(0.45, 0.5),
    tissue: between(0.44, 0.54),
    apex: between(0.07, 0.13),
    lungWidth: between(0.35, 0.4),
    base: [base, base + between(0.005, 0.03)],
    dome: [dome, dome - between(0, 0.025)],
    mediastinum: between(0.05, 0.068),
    heart: {
      x: between(0.05, 0.075),
      y: base - between(0.16, 0.2),
      a: 0.165 * heartSize,
      b: 0.125 * heartSize * between(0.95, 1.1),
      tilt: between(0.45, 0.8),
    },
    aorta: between(0.042, 0.055),
    ribCount: random.integer(9, 11),
    ribTilt: between(0.1, 0.17),
    ribWidth: between(0.012, 0.016),
    ribBrightness: between(0.09, 0.13),
    clavicleRise: [between(0.03, 0.07), between(0.03, 0.07)],
    stomach: between(0.3, 1),
  };
}

/** The film: attenuation by pixel, with the map from pixels to shares of the shorter side. */
class Sheet {
  readonly height: number;
  readonly width: number;
  readonly unit: number;
  readonly density: Float32Array;

  constructor(height: number, width: number) {
    this.height = height;
    this.width = width;
    this.unit = Math.min(height, width);
    this.density = new Float32Array(height * width);
  }

  x(column: number): number {
    return (column + 0.5 - this.width / 2) / this.unit + 0.5;
  }

  y(row: number): number {
    return (row + 0.5 - this.height / 2) / this.unit + 0.5;
  }

  row(y: number): number {
    return (y - 0.5) * this.unit + this.height / 2 - 0.5;
  }

  column(x: number): number {
    return (x - 0.5) * this.unit + this.width / 2 - 0.5;
  }
}

/** Body, lungs, mediastinum, heart, spine; returns how much of each pixel is lung, 0 … 1. */
function softTissue(sheet: Sheet, labels: Uint8Array, anatomy: Anatomy): Float32Array {
  const lung = new Float32Array(labels.length);
  const { heart } = anatomy;
  const [cosine, sine] = [Math.cos(heart.tilt), Math.sin(heart.tilt)];
  for (let row = 0, pixel = 0; row < sheet.height; row++) {
    const y = sheet.y(row);
    const centre = anatomy.midline + anatomy.lean * (y - 0.5);
    const shoulder = smooth(0.0, 0.2, y);
    const half = 0.13 + (anatomy.bodyWidth - 0.13) * shoulder + 0.05 * bump(y, 0.2, 0.1) - 0.02 * bump(y, 0.5, 0.2);
    const vertebra = 0.5 + 0.5 * Math.cos((2 * Math.PI * y) / 0.062);
    for (let column = 0; column < sheet.width; column++, pixel++) {
      const offset = sheet.x(column) - centre;
      const across = Math.abs(offset);
      const left = offset > 0 ? 1 : 0;
      const body = Math.sqrt(Math.max(0, 1 - (across / half) ** 2));
      if (body === 0) continue;
      let density = anatomy.tissue * body ** 0.7;

      const air = lungShare(anatomy, left, across, y);
      lung[pixel] = air;
      const below = smooth(0, 0.1, y - anatomy.base[left] + anatomy.dome[left]) * (1 - air);
      const abdomen = below * (1 - smooth(-0.02, 0.06, across - anatomy.lungWidth));
      density += 0.16 * abdomen;
      density -= 0.33 * air * (0.72 + 0.28 * smooth(0, 0.12, across - 0.08));

      const narrow = anatomy.mediastinum * (0.85 + 0.5 * smooth(0.2, 0.6, y));
      density += 0.12 * disc(offset - 0.045, y - 0.3, anatomy.aorta);
      density -= 0.13 * (1 - smooth(0.008, 0.02, across)) * (1 - smooth(0.22, 0.34, y));

      const [u, v] = [offset - heart.x, y - heart.y];
      const radius = Math.hypot((u * cosine + v * sine) / heart.a, (v * cosine - u * sine) / heart.b);
      const heartShade = 0.29 * (1 - smooth(0.9, 1.06, radius)) * (0.8 + 0.2 * (1 - radius)) * (1 - 0.7 * abdomen);
      const middle = 0.2 * (1 - smooth(narrow - 0.02, narrow + 0.02, across)) * smooth(-0.05, 0.2, y);
      density += Math.max(heartShade, middle) + 0.25 * Math.min(heartShade, middle);

      density += (0.05 + 0.035 * vertebra) * (1 - smooth(0.032, 0.044, across));
      density += 0.04 * vertebra * disc(across - 0.022, 0, 0.009);
      density += 0.13 * disc(across - anatomy.bodyWidth + 0.035, y - 0.15, 0.06);
      if (left) density -= 0.16 * anatomy.stomach * ellipse(offset - 0.17, y - anatomy.base[1] - 0.02, 0.075, 0.042);

      sheet.density[pixel] = density;
      if (air > 0.5) labels[pixel] = left ? 2 : 1;
      if (radius < 1 && y < anatomy.base[left] - 0.35 * anatomy.dome[left]) labels[pixel] = 3;
    }
  }
  return lung;
}

/** How far inside of a lung a point lies: 1 within, 0 outside, soft over a hundredth of the picture. */
function lungShare(anatomy: Anatomy, left: number, across: number, y: number): number {
  const { apex, lungWidth } = anatomy;
  const base = anatomy.base[left]!;
  const dome = anatomy.dome[left]!;
  const t = (y - apex) / (base - apex);
  if (t <= 0 || t > 1.02) return 0;
  const tip = 0.15;
  const arch = (share: number) => Math.sqrt(1 - (1 - Math.min(1, share)) ** 2);
  const outer = tip + (lungWidth - tip) * (0.94 * arch(t / 0.6) + 0.06 * t);
  const inner = tip - (tip - anatomy.mediastinum) * arch(t / 0.28);
  const q = (across - 0.19) / (lungWidth - 0.19);
  const floor = base - dome + dome * q * q * (q > 0 ? 1 : 0.35);
  return smooth(-0.006, 0.006, Math.min(across - inner, outer - across, floor - y));
}

/** Rib pairs: tilted half ellipses from the spine to the wall (posterior, bright) and back (anterior, faint). */
function ribs(sheet: Sheet, anatomy: Anatomy): void {
  const { ribCount, ribTilt, ribWidth, ribBrightness } = anatomy;
  const bottom = anatomy.base[0] + 0.04;
  for (let rib = 0; rib < ribCount; rib++) {
    const share = rib / (ribCount - 1);
    const start = anatomy.apex + 0.045 + (bottom - anatomy.apex - 0.1) * share;
    const reach = 0.17 + (anatomy.lungWidth + 0.018 - 0.17) * Math.sqrt(1 - (1 - Math.min(1, share / 0.5)) ** 2);
    const bend = 0.05 + 0.05 * share;
    const side = (column: number, sign: number) => {
      const centre = anatomy.midline + anatomy.lean * (start - 0.5);
      return (sign * (sheet.x(column) - centre)) / reach;
    };
    for (const sign of [-1, 1]) {
      for (let column = 0; column < sheet.width; column++) {
        const u = side(column, sign);
        if (u < 0.1 || u > 1) continue;
        const round = Math.sqrt(1 - u * u);
        const steep = Math.min(4, Math.hypot(1, ((bend / reach) * u) / Math.max(round, 0.05)));
        const middle = start + bend + ribTilt * u * u * (0.5 + 0.6 * share);
        const fade = smooth(0.1, 0.2, u);
        band(sheet, column, middle - bend * round, ribWidth * steep, ribBrightness * fade);
        const front = smooth(0.3, 0.6, u) * 0.6;
        if (share > 0.1)
          band(sheet, column, middle + bend * round + ribTilt * 0.5 * (1 - u), ribWidth * steep, ribBrightness * front);
      }
    }
  }
}

/** Adds a soft vertical run around `y`, brighter at its edges as the cortex of a bone is. */
function band(sheet: Sheet, column: number, y: number, halfWidth: number, brightness: number, mark?: Uint8Array): void {
  const centre = sheet.row(y);
  const radius = Math.max(0.8, halfWidth * sheet.unit);
  const last = Math.min(sheet.height - 1, Math.ceil(centre + radius + 1));
  for (let row = Math.max(0, Math.floor(centre - radius - 1)); row <= last; row++) {
    const distance = Math.abs(row - centre) / radius;
    const pixel = row * sheet.width + column;
    if (sheet.density[pixel] === 0) continue;
    sheet.density[pixel]! += brightness * (1 - smooth(0.75, 1.25, distance)) * (0.72 + 0.4 * distance * distance);
    if (mark && distance <= 1) mark[pixel] = 4;
  }
}

/** Two S-shaped bones from the breastbone to the shoulders; class 4. */
function clavicles(sheet: Sheet, labels: Uint8Array, anatomy: Anatomy): void {
  const start = anatomy.apex + 0.1;
  for (const [index, sign] of [-1, 1].entries()) {
    const rise = anatomy.clavicleRise[index]!;
    for (let column = 0; column < sheet.width; column++) {
      const u = (sign * (sheet.x(column) - anatomy.midline) - 0.035) / (anatomy.bodyWidth - 0.09);
      if (u < 0 || u > 1) continue;
      const y = start - rise * u - 0.022 * Math.sin(2 * Math.PI * u);
      const thickness = 0.013 + 0.008 * (1 - smooth(0, 0.25, u)) + 0.004 * u;
      band(sheet, column, y, thickness, 0.15 * smooth(0, 0.04, u), labels);
    }
  }
}

/** Vessels: trees that leave either hilum, fork and taper, seen only where there is air around them. */
function vessels(sheet: Sheet, lung: Float32Array, anatomy: Anatomy, random: Random): void {
  const layer = new Float32Array(sheet.density.length);
  const grow = (x: number, y: number, angle: number, length: number, radius: number, sign: number) => {
    if (radius < 0.0016) return;
    const steps = 4;
    let [px, py, heading] = [x, y, angle];
    for (let step = 0; step < steps; step++) {
      heading += random.normal(0, 0.1);
      const [qx, qy] = [px + (Math.cos(heading) * sign * length) / steps, py + (Math.sin(heading) * length) / steps];
      stroke(sheet, layer, px, py, qx, qy, radius * (1 - (0.2 * step) / steps));
      [px, py] = [qx, qy];
    }
    const spread = random.uniform(0.25, 0.55);
    grow(px, py, heading + spread, length * random.uniform(0.65, 0.9), radius * 0.72, sign);
    grow(px, py, heading - spread * random.uniform(0.7, 1.1), length * random.uniform(0.65, 0.9), radius * 0.68, sign);
  };
  for (const sign of [-1, 1]) {
    const hilum = anatomy.apex + (anatomy.base[0] - anatomy.apex) * (sign < 0 ? 0.47 : 0.43);
    const x = anatomy.midline + sign * (anatomy.mediastinum + 0.015);
    for (const angle of [-1.25, -0.55, 0.1, 0.6, 1.1, 1.45]) {
      grow(x, hilum, angle + random.normal(0, 0.12), random.uniform(0.08, 0.12), random.uniform(0.007, 0.011), sign);
    }
  }
  for (let pixel = 0; pixel < layer.length; pixel++) sheet.density[pixel]! += 0.13 * layer[pixel]! * lung[pixel]!;
}

/** A soft line with round ends; crossing strokes don't add up, the denser one is seen. Radius in shares. */
function stroke(
  sheet: Sheet,
  layer: Float32Array,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  radius: number,
): void {
  const [c0, r0, c1, r1] = [sheet.column(ax), sheet.row(ay), sheet.column(bx), sheet.row(by)];
  const thick = radius * sheet.unit;
  const reach = thick + 1;
  const [dc, dr] = [c1 - c0, r1 - r0];
  const squared = dc * dc + dr * dr || 1;
  const lastRow = Math.min(sheet.height - 1, Math.ceil(Math.max(r0, r1) + reach));
  const lastColumn = Math.min(sheet.width - 1, Math.ceil(Math.max(c0, c1) + reach));
  for (let row = Math.max(0, Math.floor(Math.min(r0, r1) - reach)); row <= lastRow; row++) {
    for (let column = Math.max(0, Math.floor(Math.min(c0, c1) - reach)); column <= lastColumn; column++) {
      const t = Math.min(1, Math.max(0, ((column - c0) * dc + (row - r0) * dr) / squared));
      const distance = Math.hypot(column - c0 - t * dc, row - r0 - t * dr);
      // A vessel thinner than a pixel darkens that pixel by its share only.
      const value = (1 - smooth(thick - 0.6, thick + 0.8, distance)) * Math.min(1, 0.3 + thick / 1.6);
      const pixel = row * sheet.width + column;
      if (value > layer[pixel]!) layer[pixel] = value;
    }
  }
}

/** Scatter (a slow random shading), the film's shoulder, quantum noise, a slight blur, and the range [0, 1]. */
function exposure(sheet: Sheet, random: Random): Float32Array {
  const { height, width, density } = sheet;
  const waves = Array.from({ length: 6 }, () => ({
    fx: random.normal(0, 5),
    fy: random.normal(0, 5),
    phase: random.uniform(0, 2 * Math.PI),
    size: random.uniform(0.003, 0.01),
  }));
  const noisy = new Float32Array(density.length);
  for (let row = 0, pixel = 0; row < height; row++) {
    const y = sheet.y(row);
    for (let column = 0; column < width; column++, pixel++) {
      const x = sheet.x(column);
      let value = density[pixel]!;
      if (value !== 0) for (const wave of waves) value += wave.size * Math.sin(wave.fx * x + wave.fy * y + wave.phase);
      noisy[pixel] = 0.02 + 1.12 * (1 - Math.exp(-1.5 * Math.max(0, value))) + random.normal(0, 0.018);
    }
  }
  const blurred = blur(blur(noisy, height, width, 1), height, width, width);
  for (let pixel = 0; pixel < blurred.length; pixel++) blurred[pixel] = Math.min(1, Math.max(0, blurred[pixel]!));
  return blurred;
}

/** One [1 2 1] / 4 pass along the axis whose neighbours lie `stride` elements apart; the edge repeats. */
function blur(source: Float32Array, height: number, width: number, stride: number): Float32Array {
  const result = new Float32Array(source.length);
  for (let row = 0, pixel = 0; row < height; row++) {
    for (let column = 0; column < width; column++, pixel++) {
      const [place, extent] = stride === 1 ? [column, width] : [row, height];
      const before = source[place > 0 ? pixel - stride : pixel]!;
      const after = source[place < extent - 1 ? pixel + stride : pixel]!;
      result[pixel] = (before + 2 * source[pixel]! + after) / 4;
    }
  }
  return result;
}

/** 0 up to `low`, 1 from `high` on, smooth between. */
function smooth(low: number, high: number, value: number): number {
  const t = Math.min(1, Math.max(0, (value - low) / (high - low)));
  return t * t * (3 - 2 * t);
}

function bump(value: number, centre: number, width: number): number {
  return Math.exp(-(((value - centre) / width) ** 2));
}

function disc(x: number, y: number, radius: number): number {
  return ellipse(x, y, radius, radius);
}

function ellipse(x: number, y: number, a: number, b: number): number {
  return 1 - smooth(0.8, 1.1, Math.hypot(x / a, y / b));
}
