/** Uploads of lines into the graph, and downloads out of it: batch by batch, whatever their length. */
import type { DataRecord, FeatureValue } from '../data/records.ts';
import type { Graph } from '../graph/driver.ts';
import type { InteractionPlace } from '../graph/resources/interactions.ts';

/** What is uploaded in one go: a record as a reader of files would give it, or a feature by itself. */
export type Uploaded = DataRecord | ({ readonly kind: 'feature' } & { readonly feature: FeatureValue });

/** Writes a batch, all or nothing. Answers which users of it were forgotten for good: what speaks of them is left out. */
export async function writeUploaded(graph: Graph, batch: readonly Uploaded[]): Promise<ReadonlySet<string>> {
  const { forgottenAmong, writeRecords } = await import('../graph/resources/records.ts');
  const { addFeatures } = await import('../graph/resources/features.ts');
  const features = batch.flatMap((each) => (each.kind === 'feature' ? [each.feature] : []));
  if (features.length > 0) await addFeatures(graph, features);
  const records = batch.filter((each) => each.kind !== 'feature');
  const forgotten = await forgottenAmong(graph, records);
  const admitted = forgotten.size === 0 ? records : records.filter((each) => !speaksOf(each, forgotten));
  if (admitted.length > 0) await writeRecords(graph, admitted);
  return forgotten;
}

/** Whether a record is about one of these users. */
export function speaksOf(record: Uploaded, users: ReadonlySet<string>): boolean {
  if (record.kind === 'interaction') return users.has(record.user);
  if (record.kind === 'trust') return users.has(record.user) || users.has(record.trusted);
  return record.kind === 'user' && users.has(record.id);
}

/** What is downloaded, as lines that an upload takes. */
export type DownloadKind = 'users' | 'items' | 'features' | 'interactions';

const pageSize = 1000;

/** Puts a question to the graph. */
type Ask = <T>(question: (graph: Graph) => Promise<T>) => Promise<T>;

/** All users, items, features or interactions, page by page, each page of its own moment. Errors: mapping/unserved; those of `ask`. */
export async function* download(ask: Ask, kind: DownloadKind): AsyncGenerator<object, void, undefined> {
  if (kind === 'users' || kind === 'items') {
    const { pageOfNodes } = await import('../graph/resources/nodes.ts');
    yield* pages(async (last?: { readonly id: string }) =>
      ask((graph) => pageOfNodes(graph, kind === 'users' ? 'user' : 'item', last?.id ?? '', pageSize)),
    );
  } else if (kind === 'features') {
    const { pageOfFeatures } = await import('../graph/resources/features.ts');
    yield* pages(async (last?: FeatureValue) => {
      const after = last ? `${last.kind}:${last.value}` : '';
      const page = await ask((graph) => pageOfFeatures(graph, undefined, after, pageSize));
      return page.map(({ kind, value }) => ({ kind, value }));
    });
  } else {
    const { pageOfInteractions } = await import('../graph/resources/interactions.ts');
    yield* pages(async (last?: InteractionPlace) => ask((graph) => pageOfInteractions(graph, {}, last, pageSize)));
  }
}

async function* pages<T extends object>(
  read: (last: T | undefined) => Promise<readonly T[]>,
): AsyncGenerator<T, void, undefined> {
  for (let last: T | undefined; ; ) {
    const page = await read(last);
    yield* page;
    if (page.length < pageSize) return;
    last = page.at(-1);
  }
}
