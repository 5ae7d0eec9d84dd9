/** The CSV files that Neo4j's importer reads: one a label and one a kind of edge. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { DataRecord, InteractionRecord, ItemRecord, TrustRecord } from '../../data/records.ts';
import { featureKey, userHash, withoutRepeats } from './partition.ts';

/** Text that is held before it is written. */
const heldCharacters = 1 << 20;
/** Interactions that are held to find repeated ones; of more, one share of the users after the other is. Some 100 bytes each. */
const mostHeld = 2_000_000;

type Cell = string | number | boolean | null;

/** As the importer reads it: nothing is null, and "" an empty text. */
function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

class Csv {
  readonly #file: number;
  #held: string[] = [];
  #characters = 0;

  constructor(path: string, header: string) {
    this.#file = openSync(path, 'w', 0o600);
    this.#put(header);
  }

  row(...cells: readonly Cell[]): void {
    this.#put(cells.map(cellText).join(','));
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #put(line: string): void {
    this.#held.push(line);
    this.#characters += line.length;
    if (this.#characters > heldCharacters) this.#flush();
  }

  #flush(): void {
    if (this.#held.length > 0) writeSync(this.#file, `${this.#held.join('\n')}\n`);
    this.#held = [];
    this.#characters = 0;
  }
}

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

interface NodeFeatures {
  /** Weight by key of the feature. */
  readonly weights: Map<string, number>;
  title: string | null;
  at: number | null;
}

/**
 * Takes the records of a source, in order, and writes the tables. Nodes, features and trust ties are held in memory, of
 * interactions those of one share of the users: after a pass over the source, `pending` says whether another is needed.
 */
export class Tables {
  readonly #folder: string;
  readonly #users = new Map<string, NodeFeatures | undefined>();
  readonly #items = new Map<string, NodeFeatures | undefined>();
  readonly #features = new Map<string, { readonly kind: string; readonly value: string }>();
  readonly #trust = new Map<string, Map<string, number>>();
  readonly #interactions: Csv;
  readonly #most: number;
  #byUser = new Map<string, InteractionRecord[]>();
  #held = 0;
  /** The users are in so many shares, of which this one is being held. */
  #shares = 1;
  #share = 0;
  #interactionsRead = 0;
  #interactionsWritten = 0;
  #trustRead = 0;

  constructor(folder: string, most = mostHeld) {
    this.#folder = folder;
    this.#most = most;
    this.#interactions = new Csv(
      join(folder, 'interactions.csv'),
      ':START_ID(User),:END_ID(Item),type,at:long,value:double,part',
    );
  }

  /** Whether another pass over the source is needed; none after `write`. */
  get pending(): boolean {
    return this.#share < this.#shares;
  }

  add(records: readonly DataRecord[]): void {
    const first = this.#share === 0;
    for (const record of records) {
      if (record.kind === 'interaction') this.#hold(record);
      else if (first && record.kind === 'trust') this.#tie(record);
      else if (first && record.kind !== 'trust') this.#describe(record);
    }
  }

  /** Ends a pass over the source. */
  endPass(): void {
    for (const [user, all] of this.#byUser) {
      const rows = withoutRepeats(all);
      this.#interactionsWritten += rows.length;
      for (const { item, type, at, value, part } of rows) {
        this.#interactions.row(user, item, type, at, value, part ?? null);
      }
    }
    this.#byUser = new Map();
    this.#held = 0;
    this.#share++;
  }

  #hold(record: InteractionRecord): void {
    const { user, item } = record;
    if (this.#share === 0) {
      this.#interactionsRead++;
      if (!this.#users.has(user)) this.#users.set(user, undefined);
      if (!this.#items.has(item)) this.#items.set(item, undefined);
    }
    if (this.#shares > 1 && userHash(user) % this.#shares !== this.#share) return;
    const rows = this.#byUser.get(user);
    if (rows === undefined) this.#byUser.set(user, [record]);
    else rows.push(record);
    this.#held++;
    // Only the first pass can find that there are too many: shares get smaller, what was read of the others is read again.
    while (this.#share === 0 && this.#held > this.#most && this.#byUser.size > 1 && this.#shares < 1 << 20) {
      this.#shares *= 2;
      for (const [other, own] of this.#byUser) {
        if (userHash(other) % this.#shares === 0) continue;
        this.#held -= own.length;
        this.#byUser.delete(other);
      }
    }
  }

  #tie({ user, trusted, weight = 1 }: TrustRecord): void {
    this.#trustRead++;
    for (const id of [user, trusted]) if (!this.#users.has(id)) this.#users.set(id, undefined);
    const own = this.#trust.get(user) ?? new Map<string, number>();
    this.#trust.set(user, own.set(trusted, weight));
  }

  #describe(record: Exclude<DataRecord, InteractionRecord | TrustRecord>): void {
    const nodes = record.kind === 'user' ? this.#users : this.#items;
    const node = nodes.get(record.id) ?? { weights: new Map<string, number>(), title: null, at: null };
    nodes.set(record.id, node);
    for (const feature of record.features) {
      const key = featureKey(feature);
      this.#features.set(key, feature);
      node.weights.set(key, feature.weight ?? 1);
    }
    const { title, at } = record as Partial<ItemRecord>;
    node.title = title ?? node.title;
    node.at = at ?? node.at;
  }

  /**
   * Writes the other tables, one of them for the note of the ingest itself (its cells by column), and answers what the importer
   * is to be told, and what it will make.
   */
  finish(ingest: Readonly<Record<string, Cell>>): { readonly args: readonly string[]; readonly counts: ImportCounts } {
    this.#interactions.close();
    const args: string[] = [];
    const table = (option: string, name: string, header: string, fill: (csv: Csv) => void): void => {
      const path = join(this.#folder, `${name}.csv`);
      const csv = new Csv(path, header);
      fill(csv);
      csv.close();
      args.push(`--${option}=${path}`);
    };
    let featureEdges = 0;
    const edges = (nodes: ReadonlyMap<string, NodeFeatures | undefined>, csv: Csv): void => {
      for (const [id, node] of nodes) {
        for (const [key, weight] of node?.weights ?? []) {
          featureEdges++;
          csv.row(id, key, weight);
        }
      }
    };
    let trust = 0;
    table('nodes=User', 'users', 'id:ID(User)', (csv) => {
      for (const id of this.#users.keys()) csv.row(id);
    });
    table('nodes=Item', 'items', 'id:ID(Item),title,at:long,available:boolean', (csv) => {
      for (const [id, node] of this.#items) {
        csv.row(id, node?.title ?? null, node?.at ?? null, true);
      }
    });
    table('nodes=Feature', 'features', 'key:ID(Feature),kind,value', (csv) => {
      for (const [key, { kind, value }] of this.#features) csv.row(key, kind, value);
    });
    const made = {
      ...ingest,
      'usersCreated:long': this.#users.size,
      'itemsCreated:long': this.#items.size,
      'featuresCreated:long': this.#features.size,
    };
    table('nodes=Ingest', 'ingest', Object.keys(made).join(','), (csv) => csv.row(...Object.values(made)));
    args.push(`--relationships=INTERACTED=${join(this.#folder, 'interactions.csv')}`);
    table('relationships=HAS', 'user-features', ':START_ID(User),:END_ID(Feature),weight:double', (csv) =>
      edges(this.#users, csv),
    );
    table('relationships=HAS', 'item-features', ':START_ID(Item),:END_ID(Feature),weight:double', (csv) =>
      edges(this.#items, csv),
    );
    table('relationships=TRUSTS', 'trust', ':START_ID(User),:END_ID(User),weight:double', (csv) => {
      for (const [user, ties] of this.#trust) {
        for (const [trusted, weight] of ties) {
          trust++;
          csv.row(user, trusted, weight);
        }
      }
    });
    const counts = {
      users: this.#users.size,
      items: this.#items.size,
      features: this.#features.size,
      interactionsRead: this.#interactionsRead,
      interactions: this.#interactionsWritten,
      featureEdges,
      trustRead: this.#trustRead,
      trust,
    };
    return { args, counts };
  }
}
