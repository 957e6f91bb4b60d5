/**
 * The order in which a graph is written and in which the runtime computes it: from the last end of the file to the
 * first it computes what each needs, and of what a node takes, what stands last in the file comes first.
 */
import type { GraphNode } from './graph.js';

/**
 * The nodes that compute, those at an end behind all others and the last one built first among them: so a gradient of
 * the last layer is computed first, and no map is kept until the gradients of all others are there.
 * @param nodes in an order that can be executed
 */
export function fileOrder(nodes: readonly GraphNode[]): GraphNode[] {
  const computing = nodes.filter(({ op, data }) => op !== 'Input' && !data);
  const taken = takenNodes(computing);
  const ends = computing.filter((node) => !taken[numberOf(node)]);
  return [...computing.filter((node) => taken[numberOf(node)]), ...ends.reverse()];
}

/** The nodes of a file as the runtime computes them. */
export function runtimeOrder(file: readonly GraphNode[]): GraphNode[] {
  const taken = takenNodes(file);
  const places = new Int32Array(taken.length).fill(-1);
  file.forEach((node, place) => {
    places[numberOf(node)] = place;
  });
  const order: GraphNode[] = [];
  const [seen, done] = [new Uint8Array(file.length), new Uint8Array(file.length)];
  const stack: number[] = [];
  for (let place = 0; place < file.length; place++) if (!taken[numberOf(file[place]!)]) stack.push(place);
  while (stack.length > 0) {
    const place = stack.at(-1)!;
    if (seen[place]) {
      stack.pop();
      // What several nodes take stands on the stack more than once.
      if (!done[place]) order.push(file[place]!);
      done[place] = 1;
      continue;
    }
    seen[place] = 1;
    const from = stack.length;
    for (const { node } of file[place]!.inputs) {
      const needed = places[numberOf(node)] ?? -1;
      if (needed < 0 || seen[needed]) continue;
      // In the order of the file; few, so each goes where it belongs among those that are there.
      let at = stack.length;
      while (at > from && stack[at - 1]! > needed) at--;
      if (at === from || stack[at - 1] !== needed) stack.splice(at, 0, needed);
    }
  }
  return order;
}

/** By its number whether another node takes something of a node. */
function takenNodes(nodes: readonly GraphNode[]): Uint8Array {
  const taken = new Uint8Array(nodes.reduce((most, node) => Math.max(most, numberOf(node)), -1) + 1);
  for (const { inputs } of nodes) for (const { node } of inputs) taken[numberOf(node)] = 1;
  return taken;
}

/** What tells a node from all others of its graph. */
function numberOf({ outputs }: GraphNode): number {
  return outputs[0]!.id;
}
