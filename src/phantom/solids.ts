/**
 * Solids for phantoms: each says how far a point lies from its surface, in mm, negative inside; exact enough near the
 * surface for soft edges. Coordinates are (x, y, z) in mm: right, anterior, superior.
 */

export type Point3 = readonly [number, number, number];

export interface Solid {
  distance(x: number, y: number, z: number): number;
  /** The least and the greatest x, y and z that may be inside. */
  readonly bounds: readonly [least: Point3, greatest: Point3];
}

/** An ellipsoid, leaned about the y axis by an angle in radians. */
export function ellipsoid(centre: Point3, radii: Point3, lean = 0): Solid {
  const [cos, sin] = [Math.cos(lean), Math.sin(lean)];
  const least = Math.min(...radii);
  const reach = Math.max(...radii);
  return {
    bounds: around(centre, [reach, radii[1], reach]),
    distance(x, y, z) {
      const [dx, dy, dz] = [x - centre[0], y - centre[1], z - centre[2]];
      const across = (cos * dx + sin * dz) / radii[0];
      const up = (cos * dz - sin * dx) / radii[2];
      return (Math.hypot(across, dy / radii[1], up) - 1) * least;
    },
  };
}

/** A tube between two points. */
export function capsule(from: Point3, to: Point3, radius: number): Solid {
  const step = to.map((value, axis) => value - from[axis]!) as unknown as Point3;
  const square = step[0] ** 2 + step[1] ** 2 + step[2] ** 2 || 1;
  const least = from.map((value, axis) => Math.min(value, to[axis]!) - radius) as unknown as Point3;
  const greatest = from.map((value, axis) => Math.max(value, to[axis]!) + radius) as unknown as Point3;
  return {
    bounds: [least, greatest],
    distance(x, y, z) {
      const [dx, dy, dz] = [x - from[0], y - from[1], z - from[2]];
      const share = Math.min(1, Math.max(0, (dx * step[0] + dy * step[1] + dz * step[2]) / square));
      return Math.hypot(dx - share * step[0], dy - share * step[1], dz - share * step[2]) - radius;
    },
  };
}

/** An elliptic ring around the z axis that falls towards the front and is open there, as a rib is. */
export function rib(height: number, [rx, ry]: readonly [number, number], fall: number, radius: number): Solid {
  const least = Math.min(rx, ry);
  return {
    bounds: around([0, 0, height - fall * ry], [rx + radius, ry + radius, fall * ry + radius]),
    distance(x, y, z) {
      if (y > 0.75 * ry) return Number.POSITIVE_INFINITY;
      return Math.hypot((Math.hypot(x / rx, y / ry) - 1) * least, z - height + fall * (y + ry)) - radius;
    },
  };
}

/** An elliptic cylinder along z that grows narrower above `shoulder`. */
export function trunk([rx, ry]: readonly [number, number], shoulder: number, taper: number, height: number): Solid {
  const least = Math.min(rx, ry);
  return {
    bounds: around([0, 0, 0], [rx, ry, height]),
    distance(x, y, z) {
      const scale = 1 - taper * Math.max(0, z - shoulder) ** 2;
      return (Math.hypot(x / rx, y / ry) - Math.max(0.1, scale)) * least;
    },
  };
}

/** What lies in one solid and outside of another. */
export function without(solid: Solid, other: Solid): Solid {
  return {
    bounds: solid.bounds,
    distance: (x, y, z) => Math.max(solid.distance(x, y, z), -other.distance(x, y, z)),
  };
}

function around(centre: Point3, reach: Point3): [Point3, Point3] {
  return [
    centre.map((value, axis) => value - reach[axis]!) as unknown as Point3,
    centre.map((value, axis) => value + reach[axis]!) as unknown as Point3,
  ];
}
