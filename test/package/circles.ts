type Edge = readonly [from: string, to: string];

/** Groups of nodes that can all be reached from each other, each sorted; nodes that reach only others are in none (Tarjan). */
export function circlesAmong(edges: readonly Edge[]): string[][] {
  const next = new Map<string, string[]>();
  for (const [from, to] of edges) next.set(from, [...(next.get(from) ?? []), to]);
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const circles: string[][] = [];

  const visit = (node: string): void => {
    order.set(node, order.size);
    lowest.set(node, order.get(node)!);
    path.push(node);
    for (const neighbour of next.get(node) ?? []) {
      if (!order.has(neighbour)) {
        visit(neighbour);
        lowest.set(node, Math.min(lowest.get(node)!, lowest.get(neighbour)!));
      } else if (path.includes(neighbour)) {
        lowest.set(node, Math.min(lowest.get(node)!, order.get(neighbour)!));
      }
    }
    if (lowest.get(node) !== order.get(node)) return;
    const circle = path.splice(path.indexOf(node));
    if (circle.length > 1) circles.push(circle.sort());
  };
  for (const node of next.keys()) if (!order.has(node)) visit(node);
  return circles;
}
