/** Whether a pixel's nearest neighbours in feature space are of its class, and whether classes stand apart. */

/**
 * The share of the k nearest neighbours that have a sample's own class: the mean over the samples of each class, then
 * over the classes, so a chance level is about 1 / classes. Neighbours are looked for in other images, where there are
 * several: pixels beside each other are alike whatever a network has learned.
 * @param distances `[n, n]`; @param labels n; @param images n
 * @returns 0 … 1; null where no sample has a neighbour
 */
export function neighbourAgreement(
  distances: Float32Array,
  labels: Uint8Array,
  images: Uint16Array,
  k: number,
): number | null {
  const count = labels.length;
  const several = new Set(images).size > 1;
  const byClass = new Map<number, { sum: number; count: number }>();
  for (let i = 0; i < count; i++) {
    const others = Array.from({ length: count }, (_, j) => j).filter(
      (j) => j !== i && !(several && images[j] === images[i]),
    );
    if (others.length === 0) continue;
    const row = distances.subarray(i * count, (i + 1) * count);
    const nearest = others.sort((a, b) => row[a]! - row[b]! || a - b).slice(0, k);
    const share = nearest.filter((j) => labels[j] === labels[i]).length / nearest.length;
    const entry = byClass.get(labels[i]!) ?? { sum: 0, count: 0 };
    byClass.set(labels[i]!, { sum: entry.sum + share, count: entry.count + 1 });
  }
  if (byClass.size === 0) return null;
  return [...byClass.values()].reduce((sum, entry) => sum + entry.sum / entry.count, 0) / byClass.size;
}

/**
 * The mean silhouette (Rousseeuw 1987): (b − a) / max(a, b), with a the mean distance to a sample's own class and b
 * that to the nearest other class; 0 for the only sample of a class.
 * @returns −1 … 1; null with fewer than two classes
 */
export function silhouette(distances: Float32Array, labels: Uint8Array): number | null {
  const count = labels.length;
  const classes = [...new Set(labels)];
  if (classes.length < 2) return null;
  const sizes = new Map(classes.map((label) => [label, labels.filter((other) => other === label).length]));
  let total = 0;
  for (let i = 0; i < count; i++) {
    const sums = new Map(classes.map((label) => [label, 0]));
    for (let j = 0; j < count; j++) sums.set(labels[j]!, sums.get(labels[j]!)! + distances[i * count + j]!);
    const own = labels[i]!;
    const size = sizes.get(own)!;
    if (size === 1) continue;
    const a = sums.get(own)! / (size - 1);
    const b = Math.min(
      ...classes.filter((label) => label !== own).map((label) => sums.get(label)! / sizes.get(label)!),
    );
    const larger = Math.max(a, b);
    if (larger > 0) total += (b - a) / larger;
  }
  return total / count;
}
