/** The first value that is NaN or infinite; undefined where all are finite. */
export function notFinite(values: Float32Array): number | undefined {
  // Zero times what is not finite is not zero: faster than to ask of each value.
  let zero = 0;
  for (let index = 0; index < values.length; index++) zero += 0 * values[index]!;
  return zero === 0 ? undefined : values.find((value) => !Number.isFinite(value));
}
