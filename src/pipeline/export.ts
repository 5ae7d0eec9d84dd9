import { join } from 'node:path';
import type { CellValue, ExportManifest, ExportTable, TableName } from '../data/exported.ts';
import { TastegraphError } from '../errors.ts';
import type { Graph } from '../graph/driver.ts';
import type { GraphTableName } from '../graph/exportTables.ts';
import { type CommandOptions, exportTables } from '../options.ts';
import type { NodeTable } from '../sampling/snapshot.ts';
import type { PublishedVersion } from '../serving/published.ts';
import { withGraph } from './database.ts';
import type { Run } from './run.ts';

export interface Exported extends Omit<ExportManifest, 'format' | 'version'> {
  readonly folder: string;
  readonly seconds: number;
}

/**
 * Writes the graph, and the published version's vectors, as tables in a new folder, which an ingest reads back to the same graph.
 * A few pages are in memory at a time. The folder appears whole or not at all: what is cut off is begun anew.
 * Errors: export/exists, export/no-embeddings, export/interrupted, version/*, neo4j/*.
 */
export async function exportFiles(folder: string, options: CommandOptions<'export'>, run: Run): Promise<Exported> {
  const { checkTarget } = await import('../data/exportFolder.ts');
  checkTarget(folder, options.overwrite); // before anything is read
  const { recordJob } = await import('./jobRecords.ts');
  const written = (recorded: Run) => write(folder, options, recorded);
  return await recordJob(options, { kind: 'export', about: folder }, run, written, rowsIn);
}

const rowsIn = ({ tables }: Exported): string =>
  `${tables.reduce((sum, { rows }) => sum + rows, 0).toLocaleString('en')} rows`;

async function write(folder: string, options: CommandOptions<'export'>, run: Run): Promise<Exported> {
  const { writeFolder } = await import('../data/exportFolder.ts');
  const started = performance.now();
  const wanted = exportTables.filter((table) => options.what?.includes(table) ?? true);
  const ofGraph = wanted.filter((table): table is GraphTableName => table !== 'embeddings');
  const published = wanted.includes('embeddings') ? await publishedVersion(options) : undefined;
  const manifest = await writeFolder(folder, options.overwrite, async (aside) => {
    const writer = new FolderWriter(aside, folder, options.as, run);
    const ofTables =
      ofGraph.length === 0
        ? { asOf: published?.snapshot.asOf ?? Date.now(), consistent: true }
        : await withGraph(options, run, (graph) => writeGraph(graph, ofGraph, writer));
    if (published) await writer.write('embeddings', await embeddings(published));
    return await writer.seal({ ...ofTables, ...(published && { published: nameOf(published) }) });
  });
  const { encoding, asOf, consistent, tables, published: whose } = manifest;
  const seconds = (performance.now() - started) / 1000;
  return { folder, encoding, asOf, consistent, tables, ...(whose && { published: whose }), seconds };
}

/** Writes the graph's tables. Whether it is the graph of one moment is told by its last commit, before and after. */
async function writeGraph(graph: Graph, tables: readonly GraphTableName[], writer: FolderWriter) {
  const { graphTable, lastCommit } = await import('../graph/exportTables.ts');
  const before = await lastCommit(graph);
  const asOf = Date.now();
  for (const table of tables) await writer.write(table, await graphTable(graph, table));
  return { asOf, consistent: before === (await lastCommit(graph)) };
}

/** The version whose vectors are written; undefined where none was asked for and none has any. */
async function publishedVersion({
  home,
  version,
  what,
}: CommandOptions<'export'>): Promise<PublishedVersion | undefined> {
  const { loadVersion } = await import('../serving/published.ts');
  const isAsked = version !== undefined || what?.includes('embeddings') === true;
  let published: PublishedVersion;
  try {
    published = loadVersion(home, version);
  } catch (thrown) {
    if (!isAsked && thrown instanceof TastegraphError && thrown.code === 'version/none') return undefined;
    throw thrown;
  }
  if (published.vectors || !isAsked) return published.vectors && published;
  const { id, model } = published.manifest;
  throw new TastegraphError('export/no-embeddings', { version: id, model });
}

const nameOf = ({ manifest: { id, model, dim, snapshot } }: PublishedVersion) => ({
  version: id,
  model,
  dim,
  snapshot,
});

const embeddingsPerPage = 2_000;

/** The vectors of users and items, and what is added to an item's score beside the product. */
async function embeddings({ snapshot, vectors }: PublishedVersion): Promise<ExportTable> {
  const { tableColumns } = await import('../data/exported.ts');
  const { users, items, dim, itemBias } = vectors!;
  function* rowsOf(node: 'user' | 'item', table: NodeTable, rows: Float32Array) {
    for (let from = 0; from < table.count; from += embeddingsPerPage) {
      yield Array.from({ length: Math.min(embeddingsPerPage, table.count - from) }, (_, place): CellValue[] => {
        const index = from + place;
        const bias = node === 'item' ? itemBias?.[index] : undefined;
        return [node, table.id(index), bias, Array.from(rows.subarray(index * dim, (index + 1) * dim))];
      });
    }
  }
  return {
    columns: tableColumns.embeddings,
    async *pages() {
      yield* rowsOf('user', snapshot.users, users);
      yield* rowsOf('item', snapshot.items, items);
    },
  };
}

/** Writes tables into one folder, and at last its manifest. */
class FolderWriter {
  readonly #folder: string;
  readonly #target: string;
  readonly #encoding: ExportManifest['encoding'];
  readonly #run: Run;
  readonly #tables: ExportManifest['tables'] = [];

  constructor(folder: string, target: string, encoding: ExportManifest['encoding'], run: Run) {
    this.#folder = folder;
    this.#target = target;
    this.#encoding = encoding;
    this.#run = run;
  }

  async write(table: TableName, { columns, pages }: ExportTable): Promise<void> {
    const { openTable, sealFile } = await import('../data/tableWriter.ts');
    const { report, signal } = this.#run;
    const file = `${table}.${this.#encoding}`;
    const path = join(this.#folder, file);
    const writer = openTable(path, this.#encoding, columns);
    let rows = 0;
    try {
      report({ phase: table, done: 0, unit: 'rows' });
      for await (const page of pages()) {
        if (signal.aborted) throw new TastegraphError('export/interrupted', { folder: this.#target });
        for (const row of page) writer.add(row);
        rows += page.length;
        report({ phase: table, done: rows, unit: 'rows' });
      }
    } finally {
      writer.end();
    }
    this.#tables.push({ table, file, rows, ...(await sealFile(path)), columns: [...columns] });
  }

  async seal(more: Pick<ExportManifest, 'asOf' | 'consistent' | 'published'>): Promise<ExportManifest> {
    const { exportManifest } = await import('../data/exported.ts');
    const { writeSynced } = await import('../durable.ts');
    const manifest: ExportManifest = {
      format: 'tastegraph-export',
      version: 1,
      encoding: this.#encoding,
      ...more,
      tables: this.#tables,
    };
    writeSynced(join(this.#folder, exportManifest), `${JSON.stringify(manifest, undefined, 1)}\n`);
    return manifest;
  }
}
