/** The planted world of the serving tests, in the graph. */
import type { DataRecord } from '../../src/data/records.ts';
import type { Graph } from '../../src/graph/driver.ts';
import { plantedRecords } from '../serving/home.ts';

/** Writes it in one transaction, apart from the ingest, so that these tests stand on nothing but the schema. */
export async function plantGraph(graph: Graph, more: readonly DataRecord[] = []): Promise<void> {
  const records = plantedRecords(more);
  const of = <K extends string>(kind: K) => records.filter((record) => record.kind === kind);
  await graph.write(async (tx) => {
    await tx.run(
      `UNWIND $items AS row MERGE (i:Item {id: row.id}) SET i.title = row.title, i.available = true
       WITH i, row UNWIND row.features AS has
       MERGE (f:Feature {key: has.kind + ':' + has.value}) SET f.kind = has.kind, f.value = has.value
       MERGE (i)-[:HAS {weight: 1.0}]->(f)`,
      { items: of('item') },
    );
    await tx.run(
      `UNWIND $rows AS row MERGE (u:User {id: row.user}) WITH u, row MATCH (i:Item {id: row.item})
       MERGE (u)-[r:INTERACTED {type: row.type, at: toInteger(row.at)}]->(i) SET r.value = toFloat(row.value)`,
      { rows: of('interaction') },
    );
    await tx.run(
      `UNWIND $rows AS row MATCH (a:User {id: row.user}), (b:User {id: row.trusted}) MERGE (a)-[:TRUSTS {weight: 1.0}]->(b)`,
      { rows: of('trust') },
    );
  });
}
