/** The graph as a drawing that one can walk through by mouse and by keyboard. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { evidenceOf, type GraphNode, keyOf, kindOf, type Shown, userNode } from './graph.ts';
import type { Positions } from './positions.ts';
import { SceneSvg } from './SceneSvg.tsx';
import { type Look, paletteOf, type Scene, type Spot, sceneOf, spotsOf, wholeLook } from './scene.ts';
import type { Painter } from './sigmaPainter.ts';

export interface GraphViewProps {
  readonly shown: Shown;
  readonly positions: Positions;
  /** Colours are read anew where it changes. */
  readonly theme: string;
  readonly chosen: string | undefined;
  readonly choose: (node: string | undefined) => void;
  readonly expand: (node: string) => void;
  /** Nodes of interactions that are taken away for the moment. */
  readonly removed: ReadonlySet<string>;
  /** Receives what is drawn, for exports. */
  readonly drawn: { current: Scene | undefined };
}

const height = 480;
const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

export function GraphView({ shown, positions, theme, chosen, choose, expand, removed, drawn }: GraphViewProps) {
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const painter = useRef<Painter>(undefined);
  const [width, setWidth] = useState(0);
  const [isWebGl, setWebGl] = useState<boolean>();
  const [painted, setPainted] = useState<ReadonlyMap<string, Spot>>(new Map());
  const [look, setLook] = useState<Look>(wholeLook);
  const [hovered, hover] = useState<{ readonly node?: string | undefined; readonly edge?: string | undefined }>({});
  const pick = useRef<(id: string) => void>(() => {});
  pick.current = (id) => {
    choose(id);
    expand(id);
  };

  const lit = hovered.node ?? chosen;
  const scene = useMemo(
    () => box.current && sceneOf(shown, positions, paletteOf(box.current), { lit, removed }),
    [shown, positions, theme, lit, removed, width],
  );
  drawn.current = scene ?? undefined;

  useEffect(() => {
    const sized = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    sized.observe(box.current!);
    return () => sized.disconnect();
  }, []);
  useEffect(() => {
    let gone = false;
    void import('./sigmaPainter.ts').then(({ createPainter, hasWebGl }) => {
      if (gone) return;
      try {
        if (hasWebGl())
          painter.current = createPainter(canvas.current!, {
            node: (node) => hover({ node }),
            edge: (edge) => hover({ edge }),
            pick: (id) => pick.current(id),
            painted: setPainted,
          });
      } catch {
        // A context that was promised and not given: drawn as SVG.
      }
      setWebGl(painter.current !== undefined);
    });
    return () => {
      gone = true;
      painter.current?.end();
      painter.current = undefined;
    };
  }, []);
  useEffect(() => {
    if (scene && isWebGl) painter.current?.show(scene);
  }, [scene, isWebGl]);

  const spots = isWebGl ? painted : scene && width > 0 ? spotsOf(scene.nodes, width, height, look) : painted;
  const zoom = (by: number | 'whole') => {
    painter.current?.zoom(by);
    setLook((now) => (by === 'whole' ? wholeLook : { ...now, zoom: Math.min(8, Math.max(0.5, now.zoom * by)) }));
  };
  const keys = (event: KeyboardEvent) => {
    const arrow = arrows[event.key];
    if (arrow) choose(chosen === undefined ? userNode(shown) : (nearest(spots, chosen, arrow) ?? chosen));
    else if (event.key === 'Enter' && chosen !== undefined) expand(chosen);
    else if (event.key === 'Escape') {
      choose(undefined);
      hover({});
      box.current?.blur();
    } else if (event.key === '+' || event.key === '-') zoom(event.key === '+' ? 1.4 : 1 / 1.4);
    else return;
    event.preventDefault();
  };
  const drag = useRef<{ readonly x: number; readonly y: number; readonly look: Look }>(undefined);
  const edge = hovered.edge === undefined ? undefined : shown.edges.find((each) => keyOf(each) === hovered.edge);
  const at = spots.get(hovered.node ?? edge?.target ?? '');
  const hoveredNode = shown.nodes.find(({ id }) => id === hovered.node);
  return (
    <div class="graph">
      <div
        ref={box}
        class="graph-box"
        role="application"
        aria-label={`Graph of ${shown.nodes.length} nodes and ${shown.edges.length} edges. Arrow keys move, Enter expands, Escape leaves.`}
        aria-roledescription="graph"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it takes keys
        tabIndex={0}
        data-drawn={isWebGl === undefined ? undefined : isWebGl ? 'webgl' : 'svg'}
        onKeyDown={keys}
        onPointerDown={(event) => {
          if (!isWebGl) drag.current = { x: event.clientX, y: event.clientY, look };
        }}
        onPointerMove={(event) => {
          const from = drag.current;
          if (!from) return;
          if (event.buttons === 0) drag.current = undefined;
          else
            setLook({
              ...from.look,
              x: from.look.x + (event.clientX - from.x) / from.look.zoom,
              y: from.look.y + (event.clientY - from.y) / from.look.zoom,
            });
        }}
        onPointerUp={() => {
          drag.current = undefined;
        }}
      >
        <div ref={canvas} class="graph-canvas" hidden={isWebGl === false} />
        {scene && width > 0 && isWebGl !== undefined && (
          <SceneSvg
            scene={scene}
            spots={spots}
            width={width}
            height={height}
            labelsOnly={isWebGl}
            chosen={chosen}
            onNode={(node) => hover({ node })}
            onEdge={(key) => hover({ edge: key })}
            onPick={(id) => pick.current(id)}
          />
        )}
        {at && (hoveredNode ?? edge) && (
          <div class="tip" ref={(tip) => void (tip && placeTip(tip, at, width))}>
            {hoveredNode && <Told node={hoveredNode} shown={shown} />}
            {!hoveredNode && edge && <p dir="auto">{edge.evidence}</p>}
          </div>
        )}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a group of buttons, no fieldset of a form */}
      <div class="graph-zoom" role="group" aria-label="Zoom">
        <button type="button" class="button quiet" aria-label="Nearer" onClick={() => zoom(1.4)}>
          +
        </button>
        <button type="button" class="button quiet" aria-label="Farther" onClick={() => zoom(1 / 1.4)}>
          −
        </button>
        <button type="button" class="button quiet" aria-label="All of it" onClick={() => zoom('whole')}>
          ⤢
        </button>
      </div>
    </div>
  );
}

function Told({ node, shown }: { readonly node: GraphNode; readonly shown: Shown }) {
  return (
    <>
      <p>
        <strong dir="auto">{node.title}</strong> <span class="muted">{kindOf(node)}</span>
      </p>
      {evidenceOf(shown, node.id).map((said) => (
        <p key={said} class="small" dir="auto">
          {said}
        </p>
      ))}
    </>
  );
}

/** Beside its node, on the side that has room. Through the object model, which the policy for styles allows. */
function placeTip(tip: HTMLElement, at: Spot, width: number): void {
  const isRight = at.x < width / 2;
  tip.style.left = isRight ? `${at.x + at.size + 12}px` : '';
  tip.style.right = isRight ? '' : `${width - at.x + at.size + 12}px`;
  tip.style.top = `${Math.min(height - 110, Math.max(8, at.y - 24))}px`;
}

/** The node that lies nearest in a direction, straight ahead before aside. */
function nearest(
  spots: ReadonlyMap<string, Spot>,
  from: string,
  [dx, dy]: readonly [number, number],
): string | undefined {
  const here = spots.get(from);
  if (!here) return undefined;
  let [best, least] = [undefined as string | undefined, Number.POSITIVE_INFINITY];
  for (const [id, { x, y }] of spots) {
    const ahead = (x - here.x) * dx + (y - here.y) * dy;
    const aside = Math.abs((x - here.x) * dy) + Math.abs((y - here.y) * dx);
    if (id === from || ahead <= 0) continue;
    const far = ahead + 2 * aside;
    if (far < least) [best, least] = [id, far];
  }
  return best;
}
