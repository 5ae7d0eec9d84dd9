/** The tables that Neo4j's importer reads: one a label and one a kind of edge, made in bounded memory whatever the source's size. */
import { join } from 'node:path';
import type { DataRecord, InteractionRecord, ItemRecord, TrustRecord, UserRecord } from '../../data/records.ts';
import { arraySeparator, type Cell, Csv, cellText } from './csv.ts';
import { contextText, featureKey, type NodeProperties, propertiesOf } from './partition.ts';
import { columnName, propertyColumns } from './propertyColumns.ts';
import { Spill } from './spill.ts';

/** Bytes of the source a part: some 500,000 interactions, of which one part at a time is held, at about 200 bytes each. */
const partBytes = 16 << 20;
const leastParts = 64;
/** Parts cost a file each, and more of them make smaller writes; far beyond this a part is cut up as it is read. */
const mostParts = 1024;
/** Characters from which on a part of the interactions is cut up: many times what it should have, so somebody did very much. */
const mostCharacters = 64 << 20;
/** Ids that are known to have been put aside already; over this many they are forgotten, which bounds the memory. */
const mostKnown = 200_000;
/** After the user, and after what makes an interaction the one it is: no id or type holds it. */
const mark = '\x1f';

/** What an import made, in the words of an ingest's totals. */
export interface ImportCounts {
  readonly users: number;
  readonly items: number;
  readonly features: number;
  readonly interactionsRead: number;
  readonly interactions: number;
  readonly featureEdges: number;
  readonly trustRead: number;
  readonly trust: number;
}

/** A node as a line puts it aside: what only the id is known of has the id alone. */
type NodeLine = readonly [
  id: string,
  features?: readonly (readonly [key: string, weight: number])[],
  title?: string | null,
  at?: number | null,
  properties?: NodeProperties,
];

interface Node {
  /** Weight by key of the feature. */
  readonly weights: Map<string, number>;
  title: string | null;
  at: number | null;
  properties: NodeProperties;
}

/** How tables are cut up while they are made; smaller for tests. */
export interface TableSizes {
  /** Characters of one kind of line that wait in memory. */
  readonly held?: number;
  /** Characters of a part of the interactions over which it is cut up. */
  readonly most?: number;
}

/**
 * Takes the records of a source, in order, and puts them aside by the hash of what they are about: interactions, trust and what
 * is known of a user by the user, so that one part after another can be read back whole, freed of repeats and written.
 * Memory: five times 4 Mi characters that wait, one part, and three times 200,000 ids.
 */
export class Tables {
  readonly #folder: string;
  readonly #most: number;
  readonly #users: Spill;
  readonly #items: Spill;
  readonly #features: Spill;
  readonly #interactions: Spill;
  readonly #trust: Spill;
  readonly #properties = { user: new Set<string>(), item: new Set<string>() };
  readonly #known = { users: new Set<string>(), items: new Set<string>(), features: new Set<string>() };
  #isNameable = true;
  #interactionsRead = 0;
  #trustRead = 0;

  /** `folder` is where lines and then tables are written; `bytes` are the source's. */
  constructor(folder: string, bytes: number, { held, most = mostCharacters }: TableSizes = {}) {
    const parts = Math.min(mostParts, Math.max(leastParts, Math.ceil(bytes / partBytes)));
    const spill = (name: string) =>
      new Spill(join(folder, `${name}.part`), parts, held === undefined ? {} : { most: held });
    this.#folder = folder;
    this.#most = most;
    this.#users = spill('users');
    this.#items = spill('items');
    this.#features = spill('features');
    this.#interactions = spill('interactions');
    this.#trust = spill('trust');
  }

  /** Steps that `write` takes. */
  get parts(): number {
    return this.#users.parts;
  }

  /** False where a property can be no column: the tables cannot be made. */
  add(records: readonly DataRecord[]): boolean {
    for (const record of records) {
      if (record.kind === 'interaction') this.#putInteraction(record);
      else if (record.kind === 'trust') this.#putTrust(record);
      else this.#putNode(record);
    }
    return this.#isNameable;
  }

  #putInteraction(record: InteractionRecord): void {
    const { user, item, type, at, value, part = null } = record;
    this.#interactionsRead++;
    this.#mention('items', this.#items, item);
    const context = contextText(record)?.replaceAll('\n', arraySeparator) ?? null;
    const key = `${cellText(item)},${cellText(type)},${at}`;
    this.#interactions.add(user, `${user}${mark}${key}${mark}${value},${cellText(part)},${cellText(context)}`);
  }

  #putTrust({ user, trusted, weight = 1 }: TrustRecord): void {
    this.#trustRead++;
    this.#mention('users', this.#users, trusted);
    this.#trust.add(user, JSON.stringify([user, trusted, weight]));
  }

  #putNode(record: UserRecord | ItemRecord): void {
    const spill = record.kind === 'user' ? this.#users : this.#items;
    const { id, features, title = null, at = null } = record as ItemRecord;
    const weights = features.map((feature): readonly [string, number] => {
      const key = featureKey(feature);
      this.#mention('features', this.#features, key, JSON.stringify([key, feature.kind, feature.value]));
      return [key, feature.weight ?? 1];
    });
    const properties = propertiesOf(record);
    for (const name of Object.keys(properties ?? {})) {
      this.#properties[record.kind].add(name);
      this.#isNameable &&= columnName.test(name);
    }
    const line: NodeLine = properties ? [id, weights, title, at, properties] : [id, weights, title, at];
    spill.add(id, JSON.stringify(line));
  }

  /** Puts an id aside where that was not just done. */
  #mention(kind: 'users' | 'items' | 'features', spill: Spill, id: string, line = JSON.stringify([id])): void {
    const known = this.#known[kind];
    if (known.has(id)) return;
    if (known.size >= mostKnown) known.clear();
    known.add(id);
    spill.add(id, line);
  }

  /**
   * Writes the tables, one of them for the note of the ingest itself (its cells by column), and answers what the importer is to
   * be told where the folder's name is `name`, and what it will make. `written` is called after each of `parts`.
   */
  async write(
    name: string,
    ingest: Readonly<Record<string, Cell>>,
    written: (parts: number) => void | Promise<void>,
  ): Promise<{ readonly args: readonly string[]; readonly counts: ImportCounts }> {
    const args = [`--array-delimiter=\\${arraySeparator.charCodeAt(0)}`];
    const open: Csv[] = [];
    // Of this machine's clock, which the managed server goes by too.
    const changed = Date.now();
    const table = (option: string, file: string, header: string): Csv => {
      const csv = new Csv(join(this.#folder, `${file}.csv`), header);
      open.push(csv);
      // Relative: the importer takes a comma for the end of a path.
      args.push(`--${option}=${name}/${file}.csv`);
      return csv;
    };
    try {
      const [ofUsers, ofItems] = [propertyColumns(this.#properties.user), propertyColumns(this.#properties.item)];
      const itemColumns = 'id:ID(Item),title,at:long,available:boolean,changed:long';
      const tables = {
        users: table('nodes=User', 'users', `id:ID(User),changed:long${ofUsers.header}`),
        items: table('nodes=Item', 'items', `${itemColumns}${ofItems.header}`),
        features: table('nodes=Feature', 'features', 'key:ID(Feature),kind,value'),
        interactions: table(
          'relationships=INTERACTED',
          'interactions',
          ':START_ID(User),:END_ID(Item),type,at:long,value:double,part,context:string[]',
        ),
        userFeatures: table('relationships=HAS', 'user-features', ':START_ID(User),:END_ID(Feature),weight:double'),
        itemFeatures: table('relationships=HAS', 'item-features', ':START_ID(Item),:END_ID(Feature),weight:double'),
        trust: table('relationships=TRUSTS', 'trust', ':START_ID(User),:END_ID(User),weight:double'),
      };
      let [users, items, features, interactions, featureEdges, trust] = [0, 0, 0, 0, 0, 0];
      const edges = (id: string, weights: ReadonlyMap<string, number>, csv: Csv): void => {
        for (const [key, weight] of weights) csv.row(id, key, weight);
        featureEdges += weights.size;
      };
      for (let part = 0; part < this.parts; part++) {
        const people = takeNodes(this.#users, part);
        trust += writeTrust(this.#trust, part, people, tables.trust);
        interactions += this.#writeInteractions(part, people, tables.interactions);
        for (const [id, node] of people) {
          tables.users.row(id, changed, ...ofUsers.cells(node));
          if (node) edges(id, node.weights, tables.userFeatures);
        }
        users += people.size;
        const things = takeNodes(this.#items, part);
        for (const [id, node] of things) {
          const available = (node?.properties.available as boolean | undefined) ?? true;
          tables.items.row(id, node?.title ?? null, node?.at ?? null, available, changed, ...ofItems.cells(node));
          if (node) edges(id, node.weights, tables.itemFeatures);
        }
        items += things.size;
        features += writeFeatures(this.#features, part, tables.features);
        await written(part + 1);
      }
      const made = {
        ...ingest,
        'usersCreated:long': users,
        'itemsCreated:long': items,
        'featuresCreated:long': features,
      };
      table('nodes=Ingest', 'ingest', Object.keys(made).join(',')).row(...Object.values(made));
      // Only where it must: such files are read by one thread.
      if (open.some(({ multiline }) => multiline)) args.push('--multiline-fields=true');
      const [interactionsRead, trustRead] = [this.#interactionsRead, this.#trustRead];
      return {
        args,
        counts: { users, items, features, interactionsRead, interactions, featureEdges, trustRead, trust },
      };
    } finally {
      for (const csv of open) csv.close();
    }
  }

  /** A part's interactions, user by user, of repeated ones the last; adds the users to `people`. Answers how many were written. */
  #writeInteractions(part: number, people: Map<string, Node | undefined>, csv: Csv): number {
    let rows = 0;
    for (const lines of this.#takeInteractions(part)) {
      const byUser = new Map<string, string[]>();
      for (const line of lines) {
        const end = line.indexOf(mark);
        const user = line.slice(0, end);
        const own = byUser.get(user);
        if (own === undefined) byUser.set(user, [line.slice(end + 1)]);
        else own.push(line.slice(end + 1));
      }
      for (const [user, all] of byUser) {
        if (!people.has(user)) people.set(user, undefined);
        const last = new Map<string, string>();
        for (const line of all) {
          const end = line.indexOf(mark);
          last.set(line.slice(0, end), line.slice(end + 1));
        }
        const start = cellText(user);
        for (const [key, rest] of last) csv.line(`${start},${key},${rest}`);
        rows += last.size;
      }
    }
    return rows;
  }

  /** A part's interactions, in pieces by what is repeated where they are too many for the memory. */
  *#takeInteractions(part: number): Generator<Iterable<string>> {
    const size = this.#interactions.size(part);
    if (size <= this.#most) {
      yield this.#interactions.take(part);
      return;
    }
    const pieces = Math.ceil((4 * size) / this.#most);
    const finer = new Spill(join(this.#folder, 'interactions.piece'), pieces, { salt: 1, most: this.#most });
    for (const line of this.#interactions.take(part)) {
      finer.add(line.slice(0, line.indexOf(mark, line.indexOf(mark) + 1)), line);
    }
    for (let piece = 0; piece < pieces; piece++) yield finer.take(piece);
  }
}

/** What a part says of nodes: of repeated features the last weight, of title and time the last that is there. */
function takeNodes(spill: Spill, part: number): Map<string, Node | undefined> {
  const nodes = new Map<string, Node | undefined>();
  for (const line of spill.take(part)) {
    const [id, features, title, at, properties] = JSON.parse(line) as NodeLine;
    let node = nodes.get(id);
    if (features !== undefined) {
      node ??= { weights: new Map(), title: null, at: null, properties: {} };
      for (const [key, weight] of features) node.weights.set(key, weight);
      node.title = title ?? node.title;
      node.at = at ?? node.at;
      node.properties = { ...node.properties, ...properties };
    }
    nodes.set(id, node);
  }
  return nodes;
}

/** Adds those who trust to `people`; answers how many ties were written. */
function writeTrust(spill: Spill, part: number, people: Map<string, Node | undefined>, csv: Csv): number {
  const ties = new Map<string, Map<string, number>>();
  for (const line of spill.take(part)) {
    const [user, trusted, weight] = JSON.parse(line) as [string, string, number];
    const own = ties.get(user) ?? new Map<string, number>();
    ties.set(user, own.set(trusted, weight));
  }
  let rows = 0;
  for (const [user, own] of ties) {
    if (!people.has(user)) people.set(user, undefined);
    for (const [trusted, weight] of own) csv.row(user, trusted, weight);
    rows += own.size;
  }
  return rows;
}

/** Answers how many features were written. */
function writeFeatures(spill: Spill, part: number, csv: Csv): number {
  const features = new Map<string, readonly [kind: string, value: string]>();
  for (const line of spill.take(part)) {
    const [key, kind, value] = JSON.parse(line) as [string, string, string];
    // The first to be met makes the node, as an ingest's MERGE does.
    if (!features.has(key)) features.set(key, [kind, value]);
  }
  for (const [key, [kind, value]] of features) csv.row(key, kind, value);
  return features.size;
}
