/** Which data each version was trained on, and how one followed another at the door, as a drawing with the same in a list. */
import { moment } from '../../format.ts';
import { Card } from '../../parts/Card.tsx';
import type { Version, Versions } from '../versions.tsx';

/** Columns of the drawing; of more versions the newest are drawn. */
const mostDrawn = 8;
/** px of the drawing. */
const [column, box, top, down] = [190, { width: 168, height: 52 }, 24, 148];

export function Lineage({ data: { versions, history } }: { readonly data: Versions }) {
  const drawn = versions.slice(0, mostDrawn).toReversed(); // oldest first, as time goes
  const placeOf = new Map(drawn.map(({ id }, place) => [id, place]));
  const snapshots = [...new Set(drawn.map(({ snapshot }) => snapshot))];
  // A snapshot stands over the middle of its versions.
  const middle = (snapshot: string) => {
    const places = drawn.flatMap((each, place) => (each.snapshot === snapshot ? [place] : []));
    return places.reduce((sum, place) => sum + place, 0) / places.length;
  };
  const at = new Map(spread(snapshots.map((snapshot) => ({ snapshot, place: middle(snapshot) }))));
  const switches = history.slice(1).flatMap(({ id }, n) => {
    const [from, to] = [placeOf.get(history[n]!.id), placeOf.get(id)];
    return from === undefined || to === undefined || from === to ? [] : [{ from, to }];
  });
  const centre = (place: number) => place * column + box.width / 2 + 4;
  const width = drawn.length * column;
  const height = down + box.height + 56;
  return (
    <Card title="Lineage" note="From data above to versions below; arrows show which one was served after which">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <section class="scroll" aria-label="Lineage, drawn" tabIndex={0}>
        <svg
          class="lineage"
          viewBox={`0 0 ${width} ${height}`}
          width={width}
          height={height}
          role="img"
          aria-label={said(drawn, switches)}
        >
          <defs>
            <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
              <path d="M0 0 8 4 0 8z" />
            </marker>
          </defs>
          {snapshots.slice(1).map((snapshot, n) => (
            <path
              key={snapshot}
              class="earlier"
              d={`M${centre(at.get(snapshot)!) - box.width / 2} ${top + box.height / 2}H${centre(at.get(snapshots[n]!)!) + box.width / 2 + 3}`}
              marker-end="url(#arrow)"
            />
          ))}
          {drawn.map(({ id, snapshot }, place) => {
            const [x, y] = [centre(at.get(snapshot)!), top + box.height];
            const half = (down - y) / 2;
            return (
              <path
                key={id}
                class="trained"
                d={`M${x} ${y}C${x} ${y + half} ${centre(place)} ${y + half} ${centre(place)} ${down}`}
              />
            );
          })}
          {switches.map(({ from, to }, n) => {
            // Those that go back to an older version leave and arrive on the other side, and lower.
            const [side, lower] = to > from ? [12, 0] : [-12, 16];
            const [x, end, y] = [centre(from) + side, centre(to) + side, down + box.height];
            const depth = 18 + lower + Math.min(3, Math.abs(from - to)) * 10;
            return (
              <path
                key={n}
                class={to > from ? 'switch' : 'switch back'}
                d={`M${x} ${y}C${x} ${y + depth} ${end} ${y + depth} ${end} ${y + 3}`}
                marker-end="url(#arrow)"
              />
            );
          })}
          {snapshots.map((snapshot) => (
            <Box
              key={snapshot}
              style="data"
              x={at.get(snapshot)! * column + 4}
              y={top}
              head={`Snapshot ${snapshot.slice(0, 8)}`}
              text={dataOf(drawn, snapshot)}
            />
          ))}
          {drawn.map(({ id, model, at, current }, place) => (
            <Box
              key={id}
              style={current ? 'version served' : 'version'}
              x={place * column + 4}
              y={down}
              head={`${model}${current ? ' · served' : ''}`}
              text={moment(at)}
            />
          ))}
        </svg>
      </section>
    </Card>
  );
}

/** Boxes at or after where they want to stand, none over another. */
function spread(boxes: readonly { readonly snapshot: string; readonly place: number }[]): [string, number][] {
  let free = 0;
  return boxes.map(({ snapshot, place }) => {
    const at = Math.max(place, free);
    free = at + 1;
    return [snapshot, at];
  });
}

const dataOf = (versions: readonly Version[], digest: string): string => {
  const { users, items } = versions.find(({ snapshot }) => snapshot === digest)!;
  return `${users.toLocaleString('en')} users, ${items.toLocaleString('en')} items`;
};

/** The same in words. */
const said = (drawn: readonly Version[], switches: readonly { readonly from: number; readonly to: number }[]): string =>
  [
    ...drawn.map(({ id, model, snapshot }) => `${model} ${id} was trained on snapshot ${snapshot.slice(0, 10)}`),
    ...switches.map(({ from, to }) => `after ${drawn[from]!.id}, ${drawn[to]!.id} was served`),
  ].join('; ');

interface BoxProps {
  readonly style: string;
  readonly x: number;
  readonly y: number;
  readonly head: string;
  readonly text: string;
}

function Box({ style, x, y, head, text }: BoxProps) {
  return (
    <g class={style} transform={`translate(${x} ${y})`}>
      <rect width={box.width} height={box.height} rx="9" />
      <text class="name" x="12" y="21">
        {head}
      </text>
      <text x="12" y="39">
        {text}
      </text>
    </g>
  );
}
