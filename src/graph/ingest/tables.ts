/** The CSV files that Neo4j's importer reads: one a label and one a kind of edge. */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataRecord, InteractionRecord, ItemRecord, TrustRecord } from '../../data/records.ts';
import { contextText, featureKey, withoutRepeats } from './partition.ts';

/** Text that is held before it is written. */
const heldCharacters = 1 << 20;
/** Interactions that are held to find repeated ones, some 150 bytes each. */
const mostHeld = 4_000_000;

/** Between the elements of a list in a cell: no text that is taken in holds it. */
export const arraySeparator = '\x1f';

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
  /** Whether a cell holds a line feed. */
  multiline = false;

  constructor(path: string, header: string) {
    this.#file = openSync(path, 'w', 0o600);
    this.#put(header);
  }

  row(...cells: readonly Cell[]): void {
    const line = cells.map(cellText).join(',');
    this.multiline ||= line.includes('\n');
    this.#put(line);
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
    if (this.#held.length > 0) writeFileSync(this.#file, `${this.#held.join('\n')}\n`);
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

/** Takes the records of a source, in order, holds them, and writes the tables. */
export class Tables {
  readonly #users = new Map<string, NodeFeatures | undefined>();
  readonly #items = new Map<string, NodeFeatures | undefined>();
  readonly #features = new Map<string, { readonly kind: string; readonly value: string }>();
  readonly #trust = new Map<string, Map<string, number>>();
  readonly #byUser = new Map<string, InteractionRecord[]>();
  readonly #most: number;
  #interactionsRead = 0;
  #trustRead = 0;

  constructor(most = mostHeld) {
    this.#most = most;
  }

  /** False where there are more than can be held. */
  add(records: readonly DataRecord[]): boolean {
    for (const record of records) {
      if (record.kind === 'interaction') this.#hold(record);
      else if (record.kind === 'trust') this.#tie(record);
      else this.#describe(record);
    }
    return this.#interactionsRead <= this.#most;
  }

  #hold(record: InteractionRecord): void {
    const { user, item } = record;
    this.#interactionsRead++;
    if (!this.#items.has(item)) this.#items.set(item, undefined);
    const rows = this.#byUser.get(user);
    if (rows !== undefined) {
      rows.push(record);
      return;
    }
    this.#byUser.set(user, [record]);
    if (!this.#users.has(user)) this.#users.set(user, undefined);
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
   * Writes the tables into a folder, one of them for the note of the ingest itself (its cells by column), and answers what the
   * importer is to be told where the folder's name is `name`, and what it will make.
   */
  write(
    folder: string,
    name: string,
    ingest: Readonly<Record<string, Cell>>,
  ): { readonly args: readonly string[]; readonly counts: ImportCounts } {
    const args = [`--array-delimiter=\\${arraySeparator.charCodeAt(0)}`];
    let multiline = false;
    const table = (option: string, file: string, header: string, fill: (csv: Csv) => void): void => {
      const csv = new Csv(join(folder, `${file}.csv`), header);
      try {
        fill(csv);
      } finally {
        csv.close();
      }
      multiline ||= csv.multiline;
      // Relative: the importer takes a comma for the end of a path.
      args.push(`--${option}=${name}/${file}.csv`);
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
    let interactions = 0;
    const columns = ':START_ID(User),:END_ID(Item),type,at:long,value:double,part,context:string[]';
    table('relationships=INTERACTED', 'interactions', columns, (csv) => {
      for (const [user, all] of this.#byUser) {
        const rows = withoutRepeats(all);
        interactions += rows.length;
        for (const row of rows) {
          const context = contextText(row)?.replaceAll('\n', arraySeparator) ?? null;
          csv.row(user, row.item, row.type, row.at, row.value, row.part ?? null, context);
        }
      }
    });
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
    // Only where it must: such files are read by one thread.
    if (multiline) args.push('--multiline-fields=true');
    const counts = {
      users: this.#users.size,
      items: this.#items.size,
      features: this.#features.size,
      interactionsRead: this.#interactionsRead,
      interactions,
      featureEdges,
      trustRead: this.#trustRead,
      trust,
    };
    return { args, counts };
  }
}
