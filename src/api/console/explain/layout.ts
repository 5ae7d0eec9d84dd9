/**
 * Where nodes stand: ForceAtlas2 (Jacomy et al., PLoS ONE 2014) from a start that ids alone decide, for a fixed number of steps. The
 * same graph always looks the same. The user stands at the left, the recommended item at the right, and what leads from one to the
 * other settles between them; nodes that stood already stay, so that an expansion moves nothing.
 *
 * The library's own worker is made of a blob, which the policy of the page refuses: `layoutWorker.ts` is a file of ours.
 */
import { DirectedGraph } from 'graphology';
import forceAtlas2 from 'graphology-layout-forceatlas2';
import type { LayoutTask, Point, Positions } from './positions.ts';

const slices = 10;
/** Of a slice. Each takes the square of the nodes: many of them are content with fewer, so that 500 settle within a second. */
const stepsFor = (nodes: number): number => (nodes <= 150 ? 30 : 12);
/** Where along the way from user to item a node starts. */
const startOf = { user: -1, recommended: 1, interacted: -0.35, between: 0.35, near: 0.9 } as const;

/** Yields between slices, so that it can be run where others wait too. Forces forget their swing between them, anywhere alike. */
export function* layOut({ nodes, edges }: LayoutTask): Generator<void, Positions> {
  const half = 90 + 14 * Math.sqrt(nodes.length);
  const graph = new DirectedGraph();
  const standing = new Map(nodes.flatMap(({ id, at }) => (at ? [[id, at] as const] : [])));
  const besides = new Map<string, Point>();
  for (const { source, target } of edges) {
    const [a, b] = [standing.get(source), standing.get(target)];
    if (a && !b) besides.set(target, a);
    if (b && !a) besides.set(source, b);
  }
  for (const { id, kind, size, at } of nodes) {
    const [dx, dy] = drawn(id);
    const isEnd = kind === 'user' || kind === 'recommended';
    const beside = besides.get(id);
    const start = beside
      ? { x: beside.x + 40 * dx, y: beside.y + 40 * dy }
      : { x: half * (startOf[kind] + (isEnd ? 0 : 0.25 * dx)), y: isEnd ? 0 : 0.6 * half * dy };
    graph.addNode(id, { ...(at ?? start), size: size + 6, fixed: isEnd || at !== undefined });
  }
  for (const { source, target, weight } of edges)
    if (source !== target && !graph.hasEdge(source, target)) graph.addEdge(source, target, { weight });
  const settings = { gravity: 0.6, scalingRatio: 40, slowDown: 4, adjustSizes: true, edgeWeightInfluence: 0.5 };
  for (let slice = 0; slice < slices && graph.order > 1; slice++) {
    forceAtlas2.assign(graph, { iterations: stepsFor(graph.order), settings });
    yield;
  }
  return new Map(graph.mapNodes((id, { x, y }) => [id, { x, y }] as const));
}

/** To its end at once. */
export function settle(task: LayoutTask): Positions {
  const steps = layOut(task);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Two numbers in [−1, 1) of an id: FNV-1a, mixed. */
function drawn(id: string): readonly [number, number] {
  let hash = 0x811c9dc5;
  for (let n = 0; n < id.length; n++) hash = Math.imul(hash ^ id.charCodeAt(n), 0x01000193);
  const mixed = (of: number) => {
    const a = Math.imul(of ^ (of >>> 16), 0x45d9f3b);
    return ((a ^ (a >>> 15)) >>> 0) / 2 ** 31 - 1;
  };
  return [mixed(hash), mixed(hash + 0x9e3779b9)];
}
