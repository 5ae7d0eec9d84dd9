/** The layout of explanations: the same for the same graph, still where it stood, and how long it takes. */
import { expect, it } from 'vitest';
import type { LayoutTask, Positions } from '../../src/api/console/explain/positions.ts';

// The types of its library are those of bundlers, as all of the console's are.
const layout = new URL('../../src/api/console/explain/layout.ts', import.meta.url).href;
const { settle } = (await import(layout)) as { settle(task: LayoutTask): Positions };

/** A user with interactions, groups of people between them and the item, and what lies near. */
function planted(count: number): LayoutTask {
  const kinds = ['interacted', 'between', 'near'] as const;
  const rest = Array.from({ length: count - 2 }, (_, n) => ({ id: `n${n}`, kind: kinds[n % 3]!, size: 8 }));
  return {
    nodes: [{ id: 'user', kind: 'user', size: 15 }, { id: 'item', kind: 'recommended', size: 17 }, ...rest],
    edges: rest.map(({ id, kind }, n) =>
      kind === 'interacted'
        ? { source: 'user', target: id, weight: 1 / (n + 1) }
        : { source: `n${n - (n % 3)}`, target: kind === 'between' ? id : 'item', weight: 0.5 },
    ),
  };
}

it('is the same for the same graph, the user at the left and the item at the right', () => {
  const task = planted(40);
  const found = settle(task);
  expect(settle(task)).toEqual(found);
  expect(found.size).toBe(40);
  const xs = [...found.values()].map(({ x }) => x);
  expect(found.get('item')).toEqual({ x: -found.get('user')!.x, y: 0 });
  expect(xs.every(Number.isFinite)).toBe(true);
  expect(found.get('user')!.x).toBeLessThan(0);
});

it('keeps nodes apart, and those that stood where they were', () => {
  const found = settle(planted(40));
  const all = [...found.values()];
  for (const [n, a] of all.entries())
    for (const b of all.slice(n + 1)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(10);
  const { nodes, edges } = planted(44);
  const grown = settle({ nodes: nodes.map((node) => ({ ...node, at: found.get(node.id) })), edges });
  for (const [id, at] of found) expect(grown.get(id)).toEqual(at);
  expect(grown.size).toBe(44);
});

it('bears a graph of nobody else', () => {
  expect(settle({ nodes: [{ id: 'user', kind: 'user', size: 15 }], edges: [] }).size).toBe(1);
});

it('takes how long for 500 nodes', () => {
  const task = planted(500);
  const [start, before] = [performance.now(), process.cpuUsage()];
  const found = settle(task);
  const [took, busy] = [performance.now() - start, process.cpuUsage(before).user / 1000];
  console.log(
    `layout of 500 nodes, ${task.edges.length} edges: ${took.toFixed(0)} ms, of which computing ${busy.toFixed(0)} ms`,
  );
  expect(found.size).toBe(500);
});
