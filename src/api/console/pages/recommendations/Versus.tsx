/** Two lists beside each other; a line leads from an item to where it stands in the other. */
import { useState } from 'preact/hooks';
import type { AnswerOf } from '../../../../client.ts';
import { figure, share } from '../../format.ts';
import { Stat } from '../../parts/Stat.tsx';
import { hrefOf, Link } from '../../router.tsx';

type List = AnswerOf<'get', '/v1/users/{id}/recommendations'>;

export interface Side {
  readonly list: List;
  readonly name: string;
}
export interface VersusProps {
  readonly user: string;
  readonly left: Side;
  readonly right: Side;
}

/** px, as in the style: rows are of one height, so that the lines meet them. */
const rowHeight = 68;
const gap = 84;

export function Versus({ user, left, right }: VersusProps) {
  const [shown, show] = useState<string>();
  const places = [left, right].map(({ list }) => new Map(list.items.map(({ item }, place) => [item, place])));
  const [inLeft, inRight] = places as [Map<string, number>, Map<string, number>];
  const shared = left.list.items.filter(({ item }) => inRight.has(item)).map(({ item }) => item);
  const moves = shared.map((item) => Math.abs(inLeft.get(item)! - inRight.get(item)!));
  const rows = Math.max(left.list.items.length, right.list.items.length);
  const all = new Set([...inLeft.keys(), ...inRight.keys()]).size;
  const middle = (place: number) => place * rowHeight + rowHeight / 2;
  return (
    <>
      <div class="stats">
        <Stat
          name="In both lists"
          value={`${shared.length} of ${rows}`}
          note={`${share(all ? shared.length / all : 1)} of all that is in either`}
        />
        <Stat name="At the same place" value={moves.filter((move) => move === 0).length} />
        <Stat
          name="Moved by"
          value={moves.length === 0 ? '–' : figure(moves.reduce((a, b) => a + b, 0) / moves.length)}
          note={moves.length === 0 ? 'no item is in both' : `places on average, ${Math.max(...moves)} at most`}
        />
      </div>
      <section class="card versus" aria-label="Both lists">
        <Column user={user} side={left} title="Left" others={inRight} shown={shown} show={show} />
        <svg
          class="moves"
          viewBox={`0 0 ${gap} ${Math.max(1, rows * rowHeight)}`}
          width={gap}
          height={rows * rowHeight}
          aria-hidden="true"
        >
          {shared.map((item) => {
            const [from, to] = [middle(inLeft.get(item)!), middle(inRight.get(item)!)];
            const move = inLeft.get(item)! - inRight.get(item)!;
            return (
              <path
                key={item}
                class={`${move > 0 ? 'up' : move < 0 ? 'down' : 'same'}${item === shown ? ' shown' : ''}`}
                d={`M0 ${from}C${gap / 2} ${from} ${gap / 2} ${to} ${gap} ${to}`}
              />
            );
          })}
        </svg>
        <Column user={user} side={right} title="Right" others={inLeft} moved shown={shown} show={show} />
      </section>
    </>
  );
}

interface ColumnProps {
  readonly user: string;
  readonly side: Side;
  readonly title: string;
  /** Where items stand in the other list. */
  readonly others: ReadonlyMap<string, number>;
  /** Says how far each has moved from there. */
  readonly moved?: boolean;
  readonly shown: string | undefined;
  readonly show: (item: string | undefined) => void;
}

function Column({ user, side: { list, name }, title, others, moved = false, shown, show }: ColumnProps) {
  return (
    <div class="column">
      <header>
        <h2>
          {title}: {name}
        </h2>
        <p class="muted small">
          <code>{list.version}</code>
          {list.fallback && <span class="badge warn">Taste unknown: what is popular</span>}
          {list.foldedIn && <span class="badge">With the newest {list.foldedIn.interactions} interactions</span>}
          {list.graph === 'unreachable' && <span class="badge bad">Neo4j did not answer</span>}
        </p>
      </header>
      <ol class="ranks">
        {list.items.map(({ item, title, score, reasons = [] }, place) => (
          <li
            key={item}
            class={item === shown ? 'shown' : undefined}
            onMouseEnter={() => show(item)}
            onMouseLeave={() => show(undefined)}
            onFocusIn={() => show(item)}
            onFocusOut={() => show(undefined)}
          >
            <span class="place">{place + 1}</span>
            <div>
              <Link href={hrefOf('explain', { user, item })}>{title}</Link>
              <p class="small muted" title={reasons.join('\n')}>
                {reasons[0] ?? 'No reason is known'}
              </p>
            </div>
            <span class="score">
              {figure(score)}
              {moved ? (
                <Move from={others.get(item)} to={place} />
              ) : (
                !others.has(item) && <span class="badge">only here</span>
              )}
            </span>
          </li>
        ))}
      </ol>
      {list.items.length === 0 && <p class="muted">Nothing is left to recommend.</p>}
    </div>
  );
}

function Move({ from, to }: { readonly from: number | undefined; readonly to: number }) {
  if (from === undefined) return <span class="badge">only here</span>;
  const move = from - to;
  if (move === 0) return <span class="badge">same place</span>;
  return (
    <span class={`badge ${move > 0 ? 'ok' : 'bad'}`}>
      <span aria-hidden="true">{move > 0 ? '↑' : '↓'}</span>
      <span class="unseen">{move > 0 ? 'up' : 'down'}</span>
      {Math.abs(move)}
    </span>
  );
}
