/**
 * Correlation with few multiplications (Winograd 1980; Toom and Cook): `taps` neighbouring sums `y[k] = Σ g[r] · x[k +
 * r]` over `tile` numbers g take `taps + tile − 1` products instead of `taps · tile`. Map and filter are polynomials
 * that are evaluated at points, multiplied point by point, and taken back.
 */
import { invariant } from '../../core/errors.js';

/** Rows of numbers: a row for each product, but in `toTaps` a row for each tap. */
export interface MinimalFilter {
  /** Of a window of `taps + tile − 1` numbers x. */
  readonly ofWindow: readonly (readonly number[])[];
  /** Of a tile of `tile` numbers g. */
  readonly ofTile: readonly (readonly number[])[];
  /** From the products to the sums. */
  readonly toTaps: readonly (readonly number[])[];
}

/** Besides infinity. Symmetric about 0 and 1, which keeps the numbers, and so the rounding errors, small. */
const POINTS = [0, 2 / 3, -2 / 3, 3 / 2, -3 / 2];

/** The most taps for a tile. */
export function mostTaps(tile: number): number {
  return POINTS.length + 2 - tile;
}

export function minimalFilter(taps: number, tile: number): MinimalFilter {
  const points = POINTS.slice(0, taps + tile - 2);
  invariant(points.length === taps + tile - 2, `no filter for ${taps} taps and a tile of ${tile}`);
  const powers = (count: number) => [
    ...points.map((point) => Array.from({ length: count }, (_, degree) => point ** degree)),
    Array.from({ length: count }, (_, degree) => (degree === count - 1 ? 1 : 0)),
  ];
  const lagrange = points.map((point) => {
    const others = points.filter((other) => other !== point);
    const scale = others.reduce((product, other) => product * (point - other), 1);
    return [...withRoots(others).map((coefficient) => coefficient / scale), 0];
  });
  return { ofWindow: [...lagrange, withRoots(points)], ofTile: powers(tile), toTaps: transposed(powers(taps)) };
}

/** The products of a window of ones with a filter whose first tap is 1: what of them adds up to 1 in every sum. */
export function productsOfOnes({ ofWindow, ofTile }: MinimalFilter): number[] {
  return ofWindow.map((row, product) => row.reduce((a, b) => a + b) * ofTile[product]![0]!);
}

/** The coefficients of `Π (z − root)`, of the lowest degree first. */
function withRoots(roots: readonly number[]): number[] {
  let polynomial = [1];
  for (const root of roots) {
    polynomial = [0, ...polynomial].map((higher, degree) => higher - root * (polynomial[degree] ?? 0));
  }
  return polynomial;
}

/** Rows as columns. */
export function transposed(rows: readonly (readonly number[])[]): number[][] {
  return rows[0]!.map((_, column) => rows.map((row) => row[column]!));
}
