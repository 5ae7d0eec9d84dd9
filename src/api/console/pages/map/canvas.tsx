/** The picture of a map: drag moves it, the wheel and + − zoom, the mouse names the point below it. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useTheme } from '../../theme.ts';
import { type Drawing, openDrawing, type Rgb, type View } from './draw.ts';
import { finderOf } from './nearest.ts';

export interface MapCanvasProps {
  readonly positions: Float32Array; // [n, 2]
  readonly codes: Uint8Array; // [n]
  readonly palette: readonly Rgb[];
  readonly marked: Uint32Array;
  readonly nameOf: (at: number) => string;
  readonly choose: (at: number) => void;
  readonly label: string;
}

const height = 560;
const [farthest, nearest] = [80, 60_000];

export function MapCanvas({ positions, codes, palette, marked, nameOf, choose, label }: MapCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<Drawing>(undefined);
  const view = useRef<View>({ x: 0, y: 0, scale: height / 2.3 });
  const waits = useRef(0);
  const theme = useTheme();
  const find = useMemo(() => finderOf(positions), [positions]);
  const [hovered, hover] = useState<{ at: number; left: number; top: number }>();

  const redraw = () => {
    if (waits.current !== 0) return;
    waits.current = requestAnimationFrame(() => {
      waits.current = 0;
      drawing.current?.draw(view.current);
    });
  };
  const look = (next: View) => {
    view.current = { ...next, scale: Math.max(farthest, Math.min(nearest, next.scale)) };
    redraw();
  };

  useEffect(() => {
    const element = canvas.current!;
    drawing.current = openDrawing(element);
    element.dataset.by = drawing.current.by;
    const resized = new ResizeObserver(() => {
      element.width = Math.max(1, Math.round(element.clientWidth * devicePixelRatio));
      element.height = Math.round(height * devicePixelRatio);
      redraw();
    });
    resized.observe(element);
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      const [x, y] = placeOf(event);
      const factor = Math.exp(-event.deltaY * 0.0015);
      const { scale, ...middle } = view.current;
      const next = Math.max(farthest, Math.min(nearest, scale * factor));
      const kept = scale / next; // what is below the mouse stays there
      look({ x: x + (middle.x - x) * kept, y: y + (middle.y - y) * kept, scale: next });
    };
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      element.removeEventListener('wheel', wheel);
      resized.disconnect();
      cancelAnimationFrame(waits.current);
      waits.current = 0;
      drawing.current?.dispose();
    };
  }, []);

  useEffect(() => {
    const style = getComputedStyle(canvas.current!);
    drawing.current?.take({ positions, codes, marked }, palette, rgbOf(style.getPropertyValue('--ink')));
    redraw();
  }, [positions, codes, palette, marked, theme]);

  /** The place on the plane below the mouse. */
  const placeOf = (event: MouseEvent): readonly [x: number, y: number] => {
    const box = canvas.current!.getBoundingClientRect();
    const { x, y, scale } = view.current;
    return [
      x + (event.clientX - box.left - box.width / 2) / scale,
      y - (event.clientY - box.top - box.height / 2) / scale,
    ];
  };
  const at = (event: MouseEvent) => find(...placeOf(event), 9 / view.current.scale);
  const drag = useRef<{ readonly x: number; readonly y: number; readonly from: View; moved: boolean }>(undefined);
  const key = (event: KeyboardEvent) => {
    const { x, y, scale } = view.current;
    const step = 60 / scale;
    const to: Readonly<Record<string, View>> = {
      '+': { x, y, scale: scale * 1.3 },
      '-': { x, y, scale: scale / 1.3 },
      '0': { x: 0, y: 0, scale: height / 2.3 },
      ArrowLeft: { x: x - step, y, scale },
      ArrowRight: { x: x + step, y, scale },
      ArrowUp: { x, y: y + step, scale },
      ArrowDown: { x, y: y - step, scale },
    };
    const next = to[event.key];
    if (!next) return;
    event.preventDefault();
    look(next);
  };
  return (
    <div class="map">
      <canvas
        ref={canvas}
        role="img"
        tabIndex={0}
        aria-label={`${label}. Arrows move it, plus and minus zoom, zero shows all`}
        onKeyDown={key}
        onPointerDown={(event) => {
          canvas.current!.setPointerCapture(event.pointerId);
          drag.current = { x: event.clientX, y: event.clientY, from: view.current, moved: false };
          hover(undefined);
        }}
        onPointerMove={(event) => {
          const held = drag.current;
          if (held) {
            const { x, y, scale } = held.from;
            const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
            held.moved ||= Math.hypot(dx, dy) > 4;
            return look({ x: x - dx / scale, y: y + dy / scale, scale });
          }
          const found = at(event);
          const box = canvas.current!.getBoundingClientRect();
          hover(
            found === undefined
              ? undefined
              : { at: found, left: event.clientX - box.left, top: event.clientY - box.top },
          );
        }}
        onPointerUp={(event) => {
          const found = drag.current?.moved ? undefined : at(event);
          drag.current = undefined;
          if (found !== undefined) choose(found);
        }}
        onPointerLeave={() => hover(undefined)}
      />
      {hovered && <Hint left={hovered.left} top={hovered.top} text={nameOf(hovered.at)} />}
      <div class="zoom">
        {(['+', '−', '0'] as const).map((sign) => (
          <button
            key={sign}
            type="button"
            class="button"
            aria-label={sign === '+' ? 'Zoom in' : sign === '−' ? 'Zoom out' : 'Show all'}
            onClick={() => {
              const { x, y, scale } = view.current;
              if (sign === '0') look({ x: 0, y: 0, scale: height / 2.3 });
              else look({ x, y, scale: sign === '+' ? scale * 1.5 : scale / 1.5 });
            }}
          >
            {sign === '0' ? '⤢' : sign}
          </button>
        ))}
      </div>
    </div>
  );
}

/** Placed by script: the policy of the page takes no styles in markup. */
function Hint({ left, top, text }: { readonly left: number; readonly top: number; readonly text: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current!.style.transform = `translate(${left + 14}px, ${top + 14}px)`;
  }, [left, top]);
  return (
    <div ref={place} class="hint">
      {text}
    </div>
  );
}

/** '#rrggbb' as numbers. */
export function rgbOf(colour: string): Rgb {
  const value = Number.parseInt(colour.trim().slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
