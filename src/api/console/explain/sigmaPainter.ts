/** Draws a scene with sigma, on WebGL. Words are drawn above it: an atlas of single letters cannot join those of Arabic. */
import Graph from 'graphology';
import Sigma from 'sigma';
import { sdfCircle, sdfDiamond, sdfSquare } from 'sigma/rendering';
import { padding, type Scene, type Spot } from './scene.ts';

export interface PainterEvents {
  node(id: string | undefined): void;
  edge(key: string | undefined): void;
  pick(id: string): void;
  /** After each frame: where the nodes are now. */
  painted(spots: ReadonlyMap<string, Spot>): void;
}
export interface Painter {
  show(scene: Scene): void;
  /** Greater than 1 comes nearer; 'whole' goes back to all of it. */
  zoom(by: number | 'whole'): void;
  end(): void;
}

export function hasWebGl(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}

export function createPainter(box: HTMLElement, on: PainterEvents): Painter {
  const graph = new Graph({ multi: true });
  const sigma = new Sigma(graph, box, {
    primitives: { nodes: { shapes: [sdfCircle(), sdfSquare(), sdfDiamond()] } },
    styles: {
      nodes: {
        x: { attribute: 'x' },
        y: { attribute: 'y' },
        size: { attribute: 'size' },
        shape: { attribute: 'shape' },
        color: { attribute: 'color' },
        opacity: { attribute: 'opacity' },
        cursor: 'pointer',
      },
      edges: { size: { attribute: 'size' }, color: { attribute: 'color' }, opacity: { attribute: 'opacity' } },
    },
    settings: {
      renderLabels: false,
      enableEdgeEvents: true,
      edgePickingPadding: 3,
      stagePadding: padding,
      itemSizesReference: 'screen',
      gestureTarget: 'page', // the wheel belongs to the page around
      allowInvalidContainer: true,
    },
  });
  sigma.on('enterNode', ({ node }) => on.node(node));
  sigma.on('leaveNode', () => on.node(undefined));
  sigma.on('enterEdge', ({ edge }) => on.edge(edge));
  sigma.on('leaveEdge', () => on.edge(undefined));
  sigma.on('clickNode', ({ node }) => on.pick(node));
  sigma.on('afterRender', () => {
    const spots = graph.mapNodes((id, { x, y, size }) => {
      const at = sigma.graphToViewport({ x, y });
      return [id, { ...at, size: sigma.scaleSize(size) }] as const;
    });
    on.painted(new Map(spots));
  });
  return {
    show({ nodes, edges }) {
      const [there, ways] = [new Set(nodes.map(({ id }) => id)), new Set(edges.map(({ key }) => key))];
      for (const edge of graph.edges()) if (!ways.has(edge)) graph.dropEdge(edge);
      for (const node of graph.nodes()) if (!there.has(node)) graph.dropNode(node);
      // Sigma counts y upwards.
      for (const { id, x, y, size, shape, color, opacity } of nodes)
        graph.mergeNode(id, { x, y: -y, size, shape, color, opacity });
      for (const { key, source, target, width: size, color, opacity } of edges)
        graph.mergeEdgeWithKey(key, source, target, { size, color, opacity });
      sigma.refresh();
    },
    zoom(by) {
      const camera = sigma.getCamera();
      const state = by === 'whole' ? { x: 0.5, y: 0.5, angle: 0, ratio: 1 } : { ratio: camera.getState().ratio / by };
      void camera.animate(state, { duration: 150 });
    },
    end: () => sigma.kill(),
  };
}
