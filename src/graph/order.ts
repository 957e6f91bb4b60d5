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
  const taken = new Set(computing.flatMap(({ inputs }) => inputs));
  const isEnd = ({ outputs }: GraphNode) => !outputs.some((value) => taken.has(value));
  return [...computing.filter((node) => !isEnd(node)), ...computing.filter(isEnd).reverse()];
}

/** The nodes of a file as the runtime computes them. */
export function runtimeOrder(file: readonly GraphNode[]): GraphNode[] {
  const places = new Map(file.map((node, index) => [node, index]));
  const taken = new Set(file.flatMap(({ inputs }) => inputs));
  const order: GraphNode[] = [];
  const seen = new Set<GraphNode>();
  const stack = file.filter(({ outputs }) => !outputs.some((value) => taken.has(value)));
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
