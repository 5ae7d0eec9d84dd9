/** A scene as SVG: all of it where there is no WebGL and in exports, or its labels alone, above a canvas. */
import type { Scene, SceneNode, Spot } from './scene.ts';

export interface SceneSvgProps {
  readonly scene: Scene;
  readonly spots: ReadonlyMap<string, Spot>;
  readonly width: number;
  readonly height: number;
  readonly labelsOnly?: boolean;
  /** The node that the keyboard is at. */
  readonly chosen?: string | undefined;
  /** Fills the ground: for exports. */
  readonly ground?: string;
  readonly onNode?: (id: string | undefined) => void;
  readonly onEdge?: (key: string | undefined) => void;
  readonly onPick?: (id: string) => void;
}

export function SceneSvg({ scene, spots, width, height, labelsOnly = false, chosen, ground, ...on }: SceneSvgProps) {
  const { nodes, edges, palette } = scene;
  const chosenSpot = chosen === undefined ? undefined : spots.get(chosen);
  return (
    <svg
      xmlns="http://www.w3.org/2000/svg"
      class={labelsOnly ? 'labels' : undefined}
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      font-family={palette.font}
      aria-hidden="true"
    >
      {ground !== undefined && <rect width={width} height={height} fill={ground} />}
      {!labelsOnly &&
        edges.map(({ key, source, target, width: thick, color, opacity }) => {
          const [a, b] = [spots.get(source), spots.get(target)];
          return (
            a &&
            b && (
              <line
                key={key}
                x1={round(a.x)}
                y1={round(a.y)}
                x2={round(b.x)}
                y2={round(b.y)}
                stroke={color}
                stroke-width={round(thick)}
                stroke-opacity={opacity}
                onPointerEnter={() => on.onEdge?.(key)}
                onPointerLeave={() => on.onEdge?.(undefined)}
              />
            )
          );
        })}
      {!labelsOnly &&
        nodes.map((node) => {
          const spot = spots.get(node.id);
          return (
            spot && (
              // biome-ignore lint/a11y/noStaticElementInteractions: keys move among nodes in the box around
              <path
                key={node.id}
                d={outline(node.shape, spot)}
                fill={node.color}
                fill-opacity={node.opacity}
                stroke={palette.surface}
                stroke-width="2"
                data-node={node.id}
                onPointerEnter={() => on.onNode?.(node.id)}
                onPointerLeave={() => on.onNode?.(undefined)}
                onClick={() => on.onPick?.(node.id)}
              />
            )
          );
        })}
      {chosenSpot && (
        <circle
          class="chosen"
          cx={round(chosenSpot.x)}
          cy={round(chosenSpot.y)}
          r={round(chosenSpot.size + 5)}
          fill="none"
          stroke={palette.accent}
          stroke-width="2.5"
        />
      )}
      {labelled(nodes, spots, width, height, chosen).map(({ node, x, y, anchor }) => (
        <text
          key={node.id}
          x={round(x)}
          y={round(y)}
          text-anchor={anchor}
          unicode-bidi="plaintext"
          font-size={fontSize}
          font-weight={node.size >= 15 ? 650 : 450}
          fill={palette.ink}
          fill-opacity={Math.min(1, node.opacity * 1.5)}
          stroke={palette.surface}
          stroke-width="3.5"
          stroke-linejoin="round"
          stroke-opacity="0.9"
          paint-order="stroke"
        >
          {shortened(node.label)}
        </text>
      ))}
    </svg>
  );
}

const fontSize = 12;
const mostLetters = 30;
const round = (value: number): number => Math.round(value * 10) / 10;

/** By letters as they are read, so that no letter is cut in two. */
export function shortened(text: string, most = mostLetters): string {
  if (text.length <= most) return text;
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  return letters.length <= most
    ? text
    : `${letters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}

function outline(shape: SceneNode['shape'], { x, y, size }: Spot): string {
  const [cx, cy] = [round(x), round(y)];
  if (shape === 'circle')
    return `M${cx - size} ${cy}a${size} ${size} 0 1 0 ${2 * size} 0a${size} ${size} 0 1 0 ${-2 * size} 0z`;
  const r = round(shape === 'square' ? size * 0.88 : size * 1.15);
  return shape === 'square'
    ? `M${cx - r} ${cy - r}h${2 * r}v${2 * r}h${-2 * r}z`
    : `M${cx} ${cy - r}L${cx + r} ${cy}L${cx} ${cy + r}L${cx - r} ${cy}z`;
}

interface Label {
  readonly node: SceneNode;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}

/** As many as stand beside their nodes without lying over each other, the greater nodes first. */
function labelled(
  nodes: readonly SceneNode[],
  spots: ReadonlyMap<string, Spot>,
  width: number,
  height: number,
  chosen: string | undefined,
): readonly Label[] {
  const taken: (readonly [number, number, number, number])[] = nodes.flatMap(({ id }) => {
    const spot = spots.get(id);
    return spot ? [[spot.x - spot.size, spot.y - spot.size, spot.x + spot.size, spot.y + spot.size]] : [];
  });
  const order = nodes.toSorted((a, b) => Number(b.id === chosen) - Number(a.id === chosen) || b.rank - a.rank);
  return order.flatMap((node) => {
    const spot = spots.get(node.id);
    if (!spot || spot.x < 0 || spot.y < 0 || spot.x > width || spot.y > height) return [];
    const isGreat = node.size >= 15;
    const long = [...shortened(node.label)].length * fontSize * (isGreat ? 0.64 : 0.56);
    const middle = Math.max(long / 2 + 4, Math.min(width - long / 2 - 4, spot.x));
    const beside = [
      { x: spot.x + spot.size + 6, y: spot.y + 4, anchor: 'start', from: 0 },
      { x: spot.x - spot.size - 6, y: spot.y + 4, anchor: 'end', from: -long },
    ] as const;
    const apart = [
      { x: middle, y: spot.y + spot.size + 15, anchor: 'middle', from: -long / 2 },
      { x: middle, y: spot.y - spot.size - 7, anchor: 'middle', from: -long / 2 },
    ] as const;
    // Lines meet at the great nodes: above and below there is more room. They are named in any case.
    const places = (isGreat ? [...apart, ...beside] : [...beside, ...apart]).map((place) => {
      const left = place.x + place.from;
      return { ...place, box: [left, place.y - fontSize, left + long, place.y + 3] as const };
    });
    const inside = places.filter(({ box }) => box[0] > 2 && box[2] < width - 2 && box[1] > 0 && box[3] < height);
    const free = inside.find(({ box }) => !taken.some((other) => overlap(box, other)));
    const found = free ?? (isGreat ? inside[0] : undefined);
    if (!found) return [];
    taken.push(found.box);
    return { node, x: found.x, y: found.y, anchor: found.anchor };
  });
}

type Box = readonly [left: number, top: number, right: number, bottom: number];
const overlap = (a: Box, b: Box): boolean => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
