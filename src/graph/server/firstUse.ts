/** What is asked of a server first. */
import { int } from 'neo4j-driver';
import { type Connection, openGraph } from '../driver.ts';
import { interactionsOfUser, writeInteractions } from '../interactions.ts';
import { migrate } from '../migrations.ts';
import { statement } from '../statements.ts';

/** The schema, a write and some questions: thousands of classes, which the server loads when they are first needed. */
export async function firstUse(connection: Connection): Promise<void> {
  const graph = await openGraph(connection);
  try {
    await migrate(graph);
    await writeInteractions(graph, [{ user: '1', item: '1', type: 'view', at: 0, value: 1 }]);
    await interactionsOfUser(graph, '1', 60_000);
    await graph.read((tx) => tx.run(statement('read/moment')));
    await graph.read((tx) => tx.run(statement('read/changed-marks'), { since: int(0), most: int(1) }));
  } finally {
    await graph.close();
  }
}
