/** What of a table of answers is a graph: columns that name nodes become nodes, each row ties its own together. */
export interface Shape {
  readonly nodes: readonly { readonly id: string; readonly column: number; readonly degree: number }[];
  readonly links: readonly { readonly from: number; readonly to: number }[];
  /** Rows that are not drawn, since there is room for so many nodes alone. */
  readonly left: number;
}

/** Columns of the catalogue that hold ids of nodes. */
const ids =
  /^(user|item|id|feature|from|to|source|target|neighbour|neighbor|person|trusted|other|version|a|b|x|y)\d?$/i;
const mostNodes = 150;

/** Columns whose values name nodes; fewer than two, and there is nothing to tie. */
export function nodeColumns(columns: readonly string[], rows: readonly (readonly unknown[])[]): readonly number[] {
  return columns.flatMap((name, place) => {
    const isText = rows.every((row) => typeof row[place] === 'string' || row[place] === null);
    return (ids.test(name) && isText) || rows.some((row) => isIdList(row[place])) ? [place] : [];
  });
}

const isIdList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.length > 1 && value.every((each) => typeof each === 'string');

/** Undefined where the rows are no graph. */
export function shapeOf(columns: readonly string[], rows: readonly (readonly unknown[])[]): Shape | undefined {
  const named = nodeColumns(columns, rows);
  if (named.length === 0 || (named.length === 1 && !rows.some((row) => isIdList(row[named[0]!])))) return undefined;
  const places = new Map<string, number>();
  const nodes: { id: string; column: number; degree: number }[] = [];
  const links = new Map<string, { from: number; to: number }>();
  let left = 0;
  const node = (id: string, column: number): number | undefined => {
    const key = `${column} ${id}`;
    const known = places.get(key);
    if (known !== undefined) return known;
    if (nodes.length === mostNodes) return undefined;
    places.set(key, nodes.length);
    return nodes.push({ id, column, degree: 0 }) - 1;
  };
  for (const row of rows) {
    // A list is a path; other columns are tied in their order.
    const path = named.flatMap((column) => {
      const value = row[column];
      const all = isIdList(value) ? value : typeof value === 'string' ? [value] : [];
      return all.map((id) => node(id, column));
    });
    if (path.includes(undefined)) left++;
    for (let place = 1; place < path.length; place++) {
      const [from, to] = [path[place - 1], path[place]];
      if (from === undefined || to === undefined || from === to || links.has(`${from} ${to}`)) continue;
      links.set(`${from} ${to}`, { from, to });
      nodes[from]!.degree++;
      nodes[to]!.degree++;
    }
  }
  return links.size === 0 ? undefined : { nodes, links: [...links.values()], left };
}

/**
 * Places by springs and repulsion, the same for the same graph: Fruchterman & Reingold, "Graph Drawing by Force-directed
 * Placement", Software: Practice and Experience 1991, on a square of side 1.
 */
export function placesOf({ nodes, links }: Shape): readonly { readonly x: number; readonly y: number }[] {
  const golden = Math.PI * (3 - Math.sqrt(5));
  const at = nodes.map((_, place) => {
    const radius = 0.5 * Math.sqrt((place + 0.5) / nodes.length);
    return { x: radius * Math.cos(place * golden), y: radius * Math.sin(place * golden) };
  });
  const ideal = Math.sqrt(1 / nodes.length);
  const rounds = 120;
  for (let round = 0; round < rounds; round++) {
    const moved = at.map(({ x, y }) => ({ x: -x * ideal, y: -y * ideal })); // Held together: parts that nothing ties do not fly off.
    const push = (a: number, b: number, force: (distance: number) => number) => {
      const [dx, dy] = [at[a]!.x - at[b]!.x, at[a]!.y - at[b]!.y];
      const distance = Math.max(1e-4, Math.hypot(dx, dy));
      const share = force(distance) / distance;
      moved[a]!.x += dx * share;
      moved[a]!.y += dy * share;
      moved[b]!.x -= dx * share;
      moved[b]!.y -= dy * share;
    };
    for (let a = 0; a < at.length; a++) for (let b = 0; b < a; b++) push(a, b, (distance) => ideal ** 2 / distance);
    for (const { from, to } of links) push(from, to, (distance) => -(distance ** 2) / ideal);
    const most = 0.1 * (1 - round / rounds);
    for (const [place, { x, y }] of moved.entries()) {
      const length = Math.max(1e-9, Math.hypot(x, y));
      at[place]!.x += (x / length) * Math.min(length, most);
      at[place]!.y += (y / length) * Math.min(length, most);
    }
  }
  return at;
}
