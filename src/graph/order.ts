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
  const ends = new Set(endsOf(computing));
  return [...computing.filter((node) => !ends.has(node)), ...[...ends].reverse()];
}

/** The nodes of a file as the runtime computes them. */
export function runtimeOrder(file: readonly GraphNode[]): GraphNode[] {
  const places = new Map(file.map((node, index) => [node, index]));
  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  const stack = endsOf(file);
  while (stack.length > 0) {
    const node = stack.at(-1)!;
    if (seen.has(node)) {
      stack.pop();
      // What several nodes take stands on the stack more than once.
      if (places.delete(node)) order.push(node);
      continue;
    }
    seen.add(node);
    const needed = [...new Set(node.inputs.map((value) => value.node))].filter(
      (one) => places.has(one) && !seen.has(one),
    );
    stack.push(...needed.sort((a, b) => places.get(a)! - places.get(b)!));
  }
  return order;
}

/** The nodes of which no other one takes anything. */
function endsOf(nodes: readonly GraphNode[]): GraphNode[] {
  const taken = new Set(nodes.flatMap(({ inputs }) => inputs));
  return nodes.filter(({ outputs }) => !outputs.some((value) => taken.has(value)));
}
