/**
 * Instructions on vectors, by the prefix (1 for 66, 2 for F3), the map (1 for 0F, 2 for 0F 38, 3 for 0F 3A) and the
 * byte that VEX and EVEX give them.
 */
export type Instruction = readonly [prefix: number, map: number, opcode: number];

export const instructions = {
  load: [0, 1, 0x10],
  store: [0, 1, 0x11],
  loadMasked: [1, 2, 0x2c],
  storeMasked: [1, 2, 0x2e],
  loadNumber: [2, 1, 0x10],
  storeNumber: [2, 1, 0x11],
  addNumber: [2, 1, 0x58],
  spread: [1, 2, 0x18],
  gather: [1, 2, 0x92],
  blend: [1, 3, 0x4a],
  compare: [0, 1, 0xc2],
  add: [0, 1, 0x58],
  subtract: [0, 1, 0x5c],
  multiply: [0, 1, 0x59],
  divide: [0, 1, 0x5e],
  maximum: [0, 1, 0x5f],
  squareRoot: [0, 1, 0x51],
  and: [0, 1, 0x54],
  exclusiveOr: [0, 1, 0x57],
  multiplyAdd: [1, 2, 0xb8],
  multiplySubtract: [1, 2, 0xbc],
  multiplyThenAdd: [1, 2, 0xa8],
  round: [1, 3, 0x08],
  truncate: [2, 1, 0x5b],
  toInteger: [1, 1, 0x5b],
  addIntegers: [1, 1, 0xfe],
  subtractIntegers: [1, 1, 0xfa],
  andIntegers: [1, 1, 0xdb],
  equalIntegers: [1, 1, 0x76],
  spreadInteger: [1, 2, 0x58],
  fromGeneral: [1, 1, 0x6e],
  /** By a number that stands behind it. */
  shift: [1, 1, 0x72],
  /** A general instruction among the others. */
  prefetch: [0, 0, 0],
} as const satisfies Readonly<Record<string, Instruction>>;

/** Kinds of shifts. */
export const [RIGHT, LEFT] = [4, 6];
