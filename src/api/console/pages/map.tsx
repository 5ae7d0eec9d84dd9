/** The vectors of the served version as a plane: what lies together is taken for alike. */
import { useMemo, useState } from 'preact/hooks';
import { count, figure } from '../format.ts';
import { parseMetrics } from '../metrics.ts';
import { Card } from '../parts/Card.tsx';
import { DataTable } from '../parts/DataTable.tsx';
import { Empty } from '../parts/Empty.tsx';
import { ErrorPanel } from '../parts/ErrorPanel.tsx';
import { Skeleton } from '../parts/Skeleton.tsx';
import { useRequest } from '../parts/useRequest.ts';
import { go, hrefOf, usePlace } from '../router.tsx';
import { useApi } from '../session.ts';
import { useTheme } from '../theme.ts';
import { MapCanvas, rgbOf } from './map/canvas.tsx';
import type { Rgb } from './map/draw.ts';

type Side = 'items' | 'users';
const mostFound = 200;
const mostListed = 8;

/** Values beyond these are told apart by nothing: more colours than these no eye keeps apart. */
const mostColours = 10;
const hues: Readonly<Record<'light' | 'dark', readonly string[]>> = {
  light: ['#0f6b5c', '#c2571a', '#3b5bb5', '#8d4bab', '#b8860b', '#c2306b', '#2b8a9d', '#6b8e23', '#7a4a2b', '#5a5fd6'],
  dark: ['#5fd0b8', '#f0a06a', '#8fa8f5', '#cf9be6', '#e3c56b', '#f58bb4', '#6fcfe3', '#b5d56a', '#d8a488', '#a6a9ff'],
};
const others: Readonly<Record<'light' | 'dark', string>> = { light: '#b9bcc2', dark: '#4d535d' };

export default function EmbeddingMap() {
  const api = useApi();
  const { query } = usePlace();
  const of: Side = query.get('of') === 'users' ? 'users' : 'items';
  const map = useRequest(
    async (signal) => {
      // The served version's name stands in the figures of the server, which every reader may see.
      const served = parseMetrics(await api.text('/metrics', { signal })).get('tastegraph_version_info')?.[0]?.labels;
      const id = served?.version ?? '';
      return await api.get('/v1/versions/{id}/map', { params: { id }, query: { of }, signal });
    },
    [of],
  );
  const found = map.data?.of === of ? map.data : undefined;
  return (
    <>
      <div class="head">
        <div>
          <h1>Embedding map</h1>
          <p>The vectors of the served version: what lies close together points the same way.</p>
        </div>
        <fieldset class="switch">
          <legend class="unseen">What the map shows</legend>
          {(['items', 'users'] as const).map((each) => (
            <button
              key={each}
              type="button"
              class="button"
              aria-pressed={of === each}
              onClick={() => go(hrefOf('map', { of: each }))}
            >
              {each === 'items' ? 'Items' : 'Users'}
            </button>
          ))}
        </fieldset>
      </div>
      {map.error !== undefined && <ErrorPanel error={map.error} retry={map.retry} />}
      {!found && map.loading && <Skeleton label="the map; the first time it is made, which takes seconds" lines={12} />}
      {found && found.count === 0 && <Empty title="Nothing to draw">The version holds no {of}.</Empty>}
      {found && found.count > 0 && <Drawn key={`${found.version} ${of}`} map={found} />}
    </>
  );
}

interface Drawable {
  readonly version: string;
  readonly of: Side;
  readonly method: 'pca' | 'neighbours';
  readonly count: number;
  readonly positions: string;
  readonly ids: readonly string[];
  readonly titles?: readonly string[] | undefined;
  readonly kinds: readonly { readonly kind: string; readonly values: readonly string[]; readonly codes: string }[];
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function Drawn({ map }: { readonly map: Drawable }) {
  const { of, ids, titles, kinds, method, version } = map;
  const theme = useTheme();
  const [kind, setKind] = useState(kinds.find(({ kind }) => kind === 'genre')?.kind ?? kinds[0]?.kind ?? '');
  const [search, setSearch] = useState('');
  const [chosen, setChosen] = useState<number>();
  const positions = useMemo(() => new Float32Array(bytesOf(map.positions).buffer), [map.positions]);
  const colours = kinds.find((each) => each.kind === kind);
  const names = colours?.values.slice(0, mostColours) ?? [];
  const codes = useMemo(() => {
    const none = Math.min(mostColours, names.length);
    if (!colours) return new Uint8Array(ids.length);
    return bytesOf(colours.codes).map((code) => Math.min(code, none));
  }, [colours, ids.length, names.length]);
  const palette = useMemo((): readonly Rgb[] => {
    const taken = (colours ? hues[theme].slice(0, names.length) : hues[theme].slice(0, 1)).map(rgbOf);
    return [...taken, rgbOf(others[theme])];
  }, [colours, names.length, theme]);
  const nameOf = (at: number) => titles?.[at] ?? ids[at]!;
  const matches = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    if (wanted === '') return [];
    const all: number[] = [];
    for (let at = 0; at < ids.length && all.length < mostFound; at++)
      if ((titles?.[at] ?? '').toLowerCase().includes(wanted) || ids[at]!.toLowerCase().includes(wanted)) all.push(at);
    return all;
  }, [search, ids, titles]);
  const marked = useMemo(
    () => Uint32Array.from(chosen === undefined ? matches : [...matches, chosen]),
    [matches, chosen],
  );
  return (
    <>
      <section class="card" aria-label="The map">
        <div class="stack">
          <div class="row between">
            <div class="row">
              <label class="field inline">
                <span>Search</span>
                <input
                  type="search"
                  name="search"
                  placeholder={of === 'items' ? 'Title or id' : 'Id'}
                  value={search}
                  onInput={({ currentTarget }) => setSearch(currentTarget.value)}
                />
              </label>
              {kinds.length > 0 && (
                <label class="field inline">
                  <span>Coloured by</span>
                  <select name="kind" value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value)}>
                    {kinds.map((each) => (
                      <option key={each.kind}>{each.kind}</option>
                    ))}
                    <option value="">nothing</option>
                  </select>
                </label>
              )}
            </div>
            <p class="muted small">
              {count(map.count)} {of} of <code>{version}</code>,{' '}
              {method === 'pca'
                ? 'by their two principal components'
                : 'principal components, neighbours drawn together'}
            </p>
          </div>
          <MapCanvas
            positions={positions}
            codes={codes}
            palette={palette}
            marked={marked}
            nameOf={nameOf}
            choose={setChosen}
            label={`${count(map.count)} ${of}, coloured by ${kind || 'nothing'}`}
          />
          {colours && <Legend names={names} rest={colours.values.length > names.length} />}
          {matches.length > 0 && (
            <div>
              <p class="muted small" role="status">
                {matches.length === mostFound ? `The first ${mostFound}` : count(matches.length)} found
              </p>
              <ul class="row">
                {matches.slice(0, mostListed).map((at) => (
                  <li key={ids[at]}>
                    <button type="button" class="button" onClick={() => setChosen(at)}>
                      {nameOf(at)}
                    </button>
                  </li>
                ))}
              </ul>
            </div>
          )}
          {search.trim() !== '' && matches.length === 0 && <p class="muted">Nothing has that in its title or id.</p>}
        </div>
      </section>
      {of === 'items' && (
        <Neighbours
          item={chosen === undefined ? undefined : ids[chosen]!}
          title={chosen === undefined ? '' : nameOf(chosen)}
        />
      )}
    </>
  );
}

function Legend({ names, rest }: { readonly names: readonly string[]; readonly rest: boolean }) {
  return (
    <ul class="legend">
      {names.map((name, place) => (
        <li key={name}>
          <i class={`dot hue-${place}`} /> {name}
        </li>
      ))}
      <li>
        <i class="dot hue-none" /> {rest ? 'others, or none' : 'none'}
      </li>
    </ul>
  );
}

/** What is nearest in all dimensions, of which the plane shows two. */
function Neighbours({ item, title }: { readonly item: string | undefined; readonly title: string }) {
  const api = useApi();
  const near = useRequest(
    async (signal) =>
      item === undefined
        ? []
        : (await api.get('/v1/items/{id}/similar', { params: { id: item }, query: { limit: 10 }, signal })).items,
    [item],
  );
  return (
    <Card title={item === undefined ? 'Nearest neighbours' : `Nearest to ${title}`} note="By the whole vectors">
      {item === undefined ? (
        <p class="muted">Click a point, or search and choose one.</p>
      ) : (
        <DataTable
          {...near}
          caption={`Items nearest to ${title}`}
          rows={near.data ?? []}
          rowKey={({ item }) => item}
          columns={[
            { title: 'Item', value: ({ title }) => title },
            { title: 'Id', value: ({ item }) => item, render: ({ item }) => <code>{item}</code> },
            { title: 'Cosine', value: ({ score }) => score, render: ({ score }) => figure(score) },
          ]}
        />
      )}
    </Card>
  );
}
