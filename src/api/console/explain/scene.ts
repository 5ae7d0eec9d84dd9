/** What is drawn, apart from what draws it: nodes and edges with their places, sizes and colours. */
import { edgesOnWays, type GraphNode, keyOf, type Shown } from './graph.ts';
import type { Point, Positions } from './positions.ts';

export type Shape = 'circle' | 'square' | 'diamond';

export interface SceneNode extends Point {
  readonly id: string;
  readonly label: string;
  /** Radius, px. */
  readonly size: number;
  readonly shape: Shape;
  readonly color: string;
  readonly opacity: number;
  /** Greater is labelled first. */
  readonly rank: number;
}
export interface SceneEdge {
  readonly key: string;
  readonly source: string;
  readonly target: string;
  /** px. */
  readonly width: number;
  readonly color: string;
  readonly opacity: number;
}
export interface Scene {
  readonly nodes: readonly SceneNode[];
  readonly edges: readonly SceneEdge[];
  readonly palette: Palette;
}

/** Names of the custom properties of `style.css`. */
const colours = [
  'surface',
  'ink',
  'muted',
  'edge',
  'accent',
  'chart-1',
  'chart-2',
  'chart-3',
  'chart-4',
  'chart-5',
] as const;
export type Palette = Readonly<Record<(typeof colours)[number], string>> & { readonly font: string };

export function paletteOf(box: Element): Palette {
  const style = getComputedStyle(box);
  const named = Object.fromEntries(colours.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
  return { ...(named as Record<(typeof colours)[number], string>), font: style.fontFamily };
}

/** px: what carries the score is greater. */
export function sizeOf({ id, kind, detail }: GraphNode, { edges }: Pick<Shown, 'edges'>): number {
  if (kind === 'user') return 15;
  if (detail.role === 'recommended') return 17;
  if (kind === 'people') return 7 + Math.min(5, Math.log2(1 + (detail.count ?? 1)) / 2);
  if (kind === 'feature') return 8;
  const share = edges.find(({ of, target }) => of === 'attribution' && target === id)?.weight;
  return share === undefined ? 6 : 7 + 7 * Math.sqrt(Math.min(1, share * 3));
}

export interface SceneOptions {
  /** The node whose ways are lit; all else steps back. */
  readonly lit?: string | undefined;
  /** Interactions that are taken away for the moment, by node. */
  readonly removed: ReadonlySet<string>;
}

/** Of the nodes that have a place. */
export function sceneOf(shown: Shown, positions: Positions, palette: Palette, { lit, removed }: SceneOptions): Scene {
  const way = lit === undefined ? undefined : edgesOnWays(shown, lit);
  const onWay = new Set([lit]);
  const edges = shown.edges.filter(({ source, target }) => positions.has(source) && positions.has(target));
  for (const edge of edges) if (way?.has(keyOf(edge))) onWay.add(edge.source).add(edge.target);
  const isOff = (id: string) => removed.has(id);
  return {
    palette,
    nodes: shown.nodes.flatMap((node) => {
      const at = positions.get(node.id);
      if (!at) return [];
      const size = sizeOf(node, shown);
      return {
        ...at,
        id: node.id,
        label: node.title,
        size,
        shape: shapes[node.kind],
        color: colorOf(node, palette),
        opacity: isOff(node.id) ? 0.25 : way && !onWay.has(node.id) ? 0.22 : 1,
        rank: size + (onWay.has(node.id) ? 100 : 0),
      };
    }),
    edges: edges.map((edge) => {
      const { source, target, of, weight, part = 0 } = edge;
      const isOn = way?.has(keyOf(edge));
      const [color, width] =
        of === 'score'
          ? [palette.accent, 1.5]
          : of === 'attribution'
            ? [part < 0 ? palette['chart-2'] : palette['chart-1'], 1.2 + 6 * Math.sqrt(weight)]
            : [palette.edge, 1 + 1.5 * weight];
      const usual = of === 'evidence' ? 0.5 : of === 'score' ? 0.6 : 0.85;
      const opacity = isOff(source) || isOff(target) ? 0.15 : isOn ? 1 : way ? 0.12 : usual;
      return { key: keyOf(edge), source, target, width: isOn ? width + 1 : width, color, opacity };
    }),
  };
}

const shapes = { user: 'circle', item: 'circle', people: 'square', feature: 'diamond' } as const;

function colorOf({ kind, detail }: GraphNode, palette: Palette): string {
  if (kind === 'user') return palette.ink;
  if (kind === 'people') return palette['chart-3'];
  if (kind === 'feature') return palette['chart-4'];
  if (detail.role === 'recommended') return palette['chart-5'];
  return detail.role === 'interacted' ? palette['chart-1'] : palette.muted;
}

/** A place on the screen, px, with the radius there. */
export interface Spot extends Point {
  readonly size: number;
}

/** Space around the drawing, px: for labels. */
export const padding = 48;

/** How one looks at it without WebGL: shifted by px, then magnified about the middle. */
export interface Look {
  readonly zoom: number;
  readonly x: number;
  readonly y: number;
}
export const wholeLook: Look = { zoom: 1, x: 0, y: 0 };

/** Spots of a scene fitted into a box. */
export function spotsOf(
  nodes: readonly SceneNode[],
  width: number,
  height: number,
  look = wholeLook,
): Map<string, Spot> {
  const span = (values: readonly number[]) => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return { middle: (least + most) / 2, length: Math.max(most - least, 1) };
  };
  const [across, down] = [span(nodes.map(({ x }) => x)), span(nodes.map(({ y }) => y))];
  const scale = Math.min((width - 2 * padding) / across.length, (height - 2 * padding) / down.length);
  return new Map(
    nodes.map(({ id, x, y, size }) => [
      id,
      {
        x: width / 2 + ((x - across.middle) * scale + look.x) * look.zoom,
        y: height / 2 + ((y - down.middle) * scale + look.y) * look.zoom,
        size: size * Math.sqrt(look.zoom),
      },
    ]),
  );
}
