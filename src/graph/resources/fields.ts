/** What the graph knows by a name: features of that kind, or attributes of users and items. */
import type { Graph } from '../driver.ts';
import { statement } from '../statements.ts';
import { refuseUnserved } from './nodes.ts';

/** Of these names those that the graph knows. Errors: mapping/unserved; those of the database. */
export async function knownFields(graph: Graph, names: readonly string[]): Promise<ReadonlySet<string>> {
  refuseUnserved(graph);
  return await graph.read(async (tx) => {
    const known = new Set<string>();
    for (const name of names) {
      const properties = [`num_${name}`, `text_${name}`];
      const { records } = await tx.run(statement('read/field-known'), { prefix: `${name}:`, properties });
      if (records[0]!.get('asFeature') === true || records[0]!.get('asAttribute') === true) known.add(name);
    }
    return known;
  }, 'that looks for fields');
}
