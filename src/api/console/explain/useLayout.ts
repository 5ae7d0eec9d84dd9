/** Positions for what is shown, in a worker; where none may be had, on a page of another origin, slice by slice in the page. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { type GraphNode, itemNode, type Shown, userNode } from './graph.ts';
import type { LayoutNode, LayoutTask, Positions } from './positions.ts';
import { sizeOf } from './scene.ts';

/** Hook: where the nodes stand; undefined until the first layout is there. Nodes that are new have no place until they have settled. */
export function useLayout(shown: Shown): Positions | undefined {
  const [positions, setPositions] = useState<Positions>();
  const standing = useRef<{ readonly of: string; readonly positions: Positions }>(undefined);
  useEffect(() => {
    const gone = new AbortController();
    const of = JSON.stringify([shown.user, shown.item]);
    const before = standing.current?.of === of ? standing.current.positions : undefined;
    void settled(taskOf(shown, before), gone.signal).then((found) => {
      if (!found) return;
      standing.current = { of, positions: found };
      setPositions(found);
    });
    return () => gone.abort();
  }, [shown.nodes, shown.edges]);
  return positions;
}

function taskOf(shown: Shown, before: Positions | undefined): LayoutTask {
  const kind = ({ id, kind, detail }: GraphNode): LayoutNode['kind'] => {
    if (id === userNode(shown)) return 'user';
    if (id === itemNode(shown)) return 'recommended';
    if (kind !== 'item') return 'between';
    return detail.role === 'interacted' ? 'interacted' : 'near';
  };
  const nodes = shown.nodes.map((node) => ({
    id: node.id,
    kind: kind(node),
    size: sizeOf(node, shown),
    at: before?.get(node.id),
  }));
  const edges = shown.edges
    .filter(({ of }) => of !== 'score')
    .map(({ source, target, weight }) => ({ source, target, weight: 0.2 + weight }));
  return { nodes, edges };
}

async function settled(task: LayoutTask, signal: AbortSignal): Promise<Positions | undefined> {
  let worker: Worker;
  try {
    worker = new Worker(new URL('./layoutWorker.ts', import.meta.url), { type: 'module' });
  } catch {
    return await inSlices(task, signal);
  }
  signal.addEventListener('abort', () => worker.terminate());
  const found = await new Promise<Positions | undefined>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<Positions>) => resolve(data);
    worker.onerror = () => resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined));
    worker.postMessage(task);
  });
  worker.terminate();
  return found ?? (signal.aborted ? undefined : await inSlices(task, signal));
}

async function inSlices(task: LayoutTask, signal: AbortSignal): Promise<Positions | undefined> {
  const { layOut } = await import('./layout.ts');
  const steps = layOut(task);
  for (;;) {
    if (signal.aborted) return undefined;
    const step = steps.next();
    if (step.done) return step.value;
    await new Promise((resolve) => setTimeout(resolve));
  }
}
