/** Rows as the vectors of a version in the graph, and the graph's index over them. */
import type { Graph } from '../../../src/graph/driver.ts';
import { readSlots, writeVersion } from '../../../src/graph/versions.ts';
import { neo4jIndex } from '../../../src/serving/index/neo4j.ts';
import type { IndexedRows } from '../../../src/serving/index/vectorIndex.ts';

/** Items that are created in one transaction. */
const batch = 20_000;

/** Of the vectors in the graph, or of these, which are written where there are none. */
export async function indexInGraph(graph: Graph, { rows, dim }: Pick<IndexedRows, 'rows' | 'dim'>) {
  const ids = Array.from({ length: rows.length / dim }, (_, n) => `i${n}`);
  const places = new Map(ids.map((id, n) => [id, n]));
  const written = async () => (await readSlots(graph)).find(({ version }) => version === 'rows');
  /** Writing the vectors and filling their index, of the server's processor. */
  let seconds: number | undefined;
  if (!(await written())) {
    for (let from = 0; from < ids.length; from += batch) {
      const some = ids.slice(from, from + batch);
      await graph.write((tx) => tx.run('UNWIND $some AS id CREATE (:Item {id: id})', { some }));
    }
    const began = await processorSeconds(graph);
    await writeVersion(graph, {
      id: 'rows',
      model: 'generated',
      options: {},
      metrics: {},
      seed: 1,
      at: 1,
      dim,
      snapshot: { digest: 'rows', asOf: 1, users: 0, items: ids.length, features: 0, interactions: 0 },
      vectors: {
        users: { count: 0, id: () => '', has: () => false, vectors: new Float32Array(0) },
        items: { count: ids.length, id: (n) => ids[n]!, has: (id) => places.has(id), vectors: rows },
      },
    });
    seconds = (await processorSeconds(graph)) - began;
  }
  const slot = (await written())!;
  return { index: neo4jIndex({ rows, dim }, { graph, slot, indexOf: (id) => places.get(id) }), seconds };
}

/** That the threads of the server have computed. */
async function processorSeconds(graph: Graph): Promise<number> {
  const { records } = await graph.read((tx) =>
    tx.run(
      `CALL dbms.queryJmx('java.lang:type=OperatingSystem') YIELD attributes
       RETURN toFloat(attributes.ProcessCpuTime.value) / 1e9 AS seconds`,
    ),
  );
  return records[0]!.get('seconds') as number;
}
