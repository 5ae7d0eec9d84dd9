/**
 * RecBole's atomic files (Zhao et al., "RecBole: Towards a Unified, Comprehensive and Efficient Framework for Recommendation
 * Algorithms", CIKM 2021): columns between tabs, each header a name and a type, lists between blanks.
 */
import type { FileOptions } from '../options.ts';
import { attributeTable } from './attributeTable.ts';
import { idOf } from './cells.ts';
import { type InteractionColumns, interactionTable } from './interactionTable.ts';
import { tieTable } from './lists.ts';
import { type FileReader, firstLine } from './reader.ts';
import type { Part } from './records.ts';
import { beginning, type DataFile } from './source.ts';
import { namedIn, needColumn, type Table, tableReader } from './table.ts';

/** Endings of the files, in the order in which they are read. */
export const atomicEndings = ['user', 'item', 'kg', 'link', 'inter', 'net'] as const;
export type AtomicEnding = (typeof atomicEndings)[number];

/** 'ml-100k.train.inter' → its ending, its part, and the stem that it shares with the files that belong to it. */
export function atomicName(name: string) {
  const [, stem, part, ending] =
    /^(.+?)(?:\.(train|valid|validation|test))?\.(user|item|kg|link|inter|net)(?:\.gz)?$/i.exec(name) ?? [];
  if (stem === undefined) return undefined;
  const parts: Readonly<Record<string, Part>> = {
    train: 'train',
    valid: 'validation',
    validation: 'validation',
    test: 'test',
  };
  return { stem, ending: ending!.toLowerCase() as AtomicEnding, part: parts[part?.toLowerCase() ?? ''] };
}

/** Whether the first line is a header of typed columns: other programs use the same endings. */
export async function isAtomic(path: string): Promise<boolean> {
  return (await firstLine(path)).split('\t').every((header) => /:(token|float)(_seq)?\s*$/.test(header));
}

const tabs = { delimiter: '\t' };

export interface AtomicFile {
  readonly file: DataFile;
  readonly ending: AtomicEnding;
  readonly part?: Part | undefined;
}

/** Reads one file. `links` are the `.link` files beside a `.kg`. Errors: data/malformed. */
export function atomicReader(
  { file, ending, part }: AtomicFile,
  options: FileOptions,
  links: readonly DataFile[],
): Promise<FileReader> {
  const names = { user: [options.userColumn, 'user_id'], item: [options.itemColumn, 'item_id'] };
  switch (ending) {
    case 'user':
    case 'item': {
      const title = /(^|_)(title|name)$/;
      return attributeTable(file, { ...options, ...tabs }, ending, { id: names[ending], title, separator: ' ' });
    }
    case 'net':
      return tieTable(file, tabs);
    case 'link':
      return linkReader(file, names.item, () => {});
    case 'kg':
      return knowledgeReader(file, names.item, links);
    case 'inter':
      return interactionTable(file, tabs, (table) => interactionNames(table, names, options), part);
  }
}

function interactionNames(
  table: Table,
  names: { readonly user: readonly string[]; readonly item: readonly string[] },
  options: FileOptions,
): InteractionColumns {
  const value = namedIn(table, [options.valueColumn, 'rating']) ?? options.valueColumn;
  return {
    user: namedIn(table, names.user) ?? 'user_id',
    item: namedIn(table, names.item) ?? 'item_id',
    type: options.typeColumn,
    value,
    time: namedIn(table, [options.timeColumn, 'timestamp']) ?? options.timeColumn,
    ...(value === 'rating' ? { usualType: 'rating' } : {}),
  };
}

/** Which item an entity is. The pairs go to `take`; to the graph they say nothing that a triple does not. */
function linkReader(
  file: DataFile,
  itemNames: readonly string[],
  take: (entity: string, item: string) => void,
): Promise<FileReader> {
  return tableReader(file, tabs, (table) => {
    const columns = { item: namedIn(table, itemNames) ?? 'item_id', entity: 'entity_id' };
    for (const column of Object.values(columns)) needColumn(table, file, column);
    return (row) => {
      const item = idOf(row(columns.item));
      if (typeof item !== 'string') return { field: columns.item, reason: item.reason };
      const entity = idOf(row(columns.entity));
      if (typeof entity !== 'string') return { field: columns.entity, reason: entity.reason };
      take(entity, item);
      return undefined;
    };
  });
}

/**
 * Triples of which one end is an item: its other end becomes a feature of the item, of the relation's kind. Triples of no item
 * say nothing of what is recommended and are left out. The links are held, one entry an item.
 */
async function knowledgeReader(
  file: DataFile,
  itemNames: readonly string[],
  links: readonly DataFile[],
): Promise<FileReader> {
  const itemsOf = new Map<string, string[]>();
  const triples = await tableReader(file, tabs, (table) => {
    for (const column of ['head_id', 'relation_id', 'tail_id']) needColumn(table, file, column);
    return (row, _, out) => {
      const [head, kind, tail] = [idOf(row('head_id')), idOf(row('relation_id')), idOf(row('tail_id'))];
      if (typeof head !== 'string') return { field: 'head_id', reason: head.reason };
      if (typeof kind !== 'string') return { field: 'relation_id', reason: kind.reason };
      if (typeof tail !== 'string') return { field: 'tail_id', reason: tail.reason };
      const heads = itemsOf.get(head);
      const features = [{ kind, value: heads ? tail : head }];
      for (const id of heads ?? itemsOf.get(tail) ?? []) out.push({ kind: 'item', id, features });
      return undefined;
    };
  });
  return {
    file,
    async *read(from, bytesBefore) {
      itemsOf.clear();
      for (const link of links) {
        const reader = await linkReader(link, itemNames, (entity, item) => {
          itemsOf.set(entity, [...(itemsOf.get(entity) ?? []), item]);
        });
        for await (const _ of reader.read(beginning, 0));
      }
      yield* triples.read(from, bytesBefore);
    },
  };
}
