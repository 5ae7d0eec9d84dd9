/**
 * The graph as tables, for whoever writes them: page by page in the order of the ids, so that a page is a transaction that can be
 * tried again, and equal graphs give equal tables.
 */

import { type CellValue, type ExportColumn, type ExportTable, type TableName, tableColumns } from '../data/exported.ts';
import { attributeKinds } from '../data/records.ts';
import { type Graph, graphError } from './driver.ts';
import { ascending } from './ingest/partition.ts';
import { statement } from './statements.ts';

export type GraphTableName = Exclude<TableName, 'embeddings'>;

/**
 * Names the last commit of the database: where it is the same before a reading and after it, nothing was committed between.
 * Errors: neo4j/*.
 */
export async function lastCommit(graph: Graph): Promise<string> {
  const session = graph.session();
  try {
    await session.executeRead((tx) => tx.run(statement('read/bookmark')));
    return session.lastBookmarks().join();
  } catch (cause) {
    throw graphError(cause, graph.connection, 'of the export');
  } finally {
    await session.close();
  }
}

/** Opens one table. Errors: neo4j/*. */
export async function graphTable(graph: Graph, name: GraphTableName): Promise<ExportTable> {
  const given = tableColumns[name];
  switch (name) {
    case 'users': {
      const attributes = await attributeColumns(graph, 'read/export-user-attributes');
      const rowsOf = (row: PageRow) => [[row.id, ...valuesOf(row, attributes)]];
      return { columns: [...given, ...attributes], pages: () => pages(graph, 'read/export-users', rowsOf) };
    }
    case 'items': {
      const attributes = await attributeColumns(graph, 'read/export-item-attributes');
      const rowsOf = (row: PageRow) => [[row.id, row.title, row.at, row.available, ...valuesOf(row, attributes)]];
      return { columns: [...given, ...attributes], pages: () => pages(graph, 'read/export-items', rowsOf) };
    }
    case 'features': {
      const of = (node: 'user' | 'item') =>
        pages(graph, `read/export-${node}-features`, ({ id, edges }) => edges!.map((edge) => [node, id, ...edge]));
      return {
        columns: given,
        async *pages() {
          yield* of('user');
          yield* of('item');
        },
      };
    }
    case 'interactions':
    case 'trust': {
      const rowsOf = ({ id, edges }: PageRow) => edges!.map((edge) => [id, ...edge]);
      return { columns: given, pages: () => pages(graph, `read/export-${name}`, rowsOf) };
    }
  }
}

/** A node of a page, with what the statement says of it. */
interface PageRow {
  readonly id: string;
  readonly title: string | null;
  readonly at: number | null;
  readonly available: boolean | null;
  readonly keys: readonly string[];
  readonly values: readonly CellValue[];
  readonly edges: readonly (readonly CellValue[])[] | undefined;
}

/** Rows that a page aims at: some MB, whatever the degrees are. Only a single node's own may be more. */
const rowsPerPage = 50_000;
const mostNodes = 5_000;

async function* pages(
  graph: Graph,
  name: string,
  rowsOf: (row: PageRow) => readonly (readonly CellValue[])[],
): AsyncGenerator<readonly (readonly CellValue[])[]> {
  let after = '';
  for (let limit = 100; ; ) {
    const { records } = await graph.read((tx) => tx.run(statement(name), { after, limit }), 'of the export');
    const nodes = records.map((record) => record.toObject() as unknown as PageRow);
    const rows = nodes.flatMap(({ edges, ...node }) => rowsOf({ ...node, edges: edges?.toSorted(byCells) }));
    if (rows.length > 0) yield rows;
    if (nodes.length < limit) return;
    after = nodes.at(-1)!.id;
    limit = Math.min(mostNodes, Math.max(1, Math.floor((limit * rowsPerPage) / Math.max(rows.length, 1))));
  }
}

/** Cell by cell; what is not there comes first. */
function byCells(a: readonly CellValue[], b: readonly CellValue[]): number {
  for (let place = 0; place < a.length; place++) {
    const [mine, other] = [a[place] ?? '', b[place] ?? ''];
    const order =
      typeof mine === 'number' && typeof other === 'number' ? mine - other : ascending(String(mine), String(other));
    if (order !== 0) return order;
  }
  return 0;
}

async function attributeColumns(graph: Graph, name: string): Promise<ExportColumn[]> {
  const { records } = await graph.read((tx) => tx.run(statement(name)), 'of the export');
  return records.map((record) => {
    const property = record.get('key') as string;
    return { name: property, type: attributeKinds.find(({ prefix }) => property.startsWith(prefix))!.type };
  });
}

/** The values of some properties; one that somebody gave another type is left out. */
const valuesOf = ({ keys, values }: PageRow, columns: readonly ExportColumn[]): CellValue[] =>
  columns.map(({ name, type }) => {
    const value = values[keys.indexOf(name)];
    const is = Array.isArray(value) && value.every((each) => typeof each === 'number') ? 'floats' : typeof value;
    return is === { float: 'number', text: 'string', floats: 'floats' }[type as string] ? value : null;
  });
