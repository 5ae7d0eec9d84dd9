/** Looking at a graph that somebody else modelled, and proposing how to read it. */
import type { Inspection } from '../graph/inspect.ts';
import type { CheckedMapping } from '../graph/mapping.ts';
import type { Proposal } from '../graph/proposal.ts';
import type { GraphOptions, Run } from './run.ts';

export interface InspectedGraph {
  readonly inspection: Inspection;
  /** The mapping of the options, or the one that is proposed. */
  readonly mapping: Proposal['mapping'];
  readonly isProposed: boolean;
  readonly parts: CheckedMapping['parts'];
  readonly notes: readonly string[];
}

/**
 * What the database holds, and the mapping that suits it, held against it; only reads. Where the options have a mapping, that one
 * is checked. Errors: those of the database, mapping/*.
 */
export async function inspectDatabase(options: GraphOptions, { report, signal }: Run): Promise<InspectedGraph> {
  const [{ ensureServer }, { openGraph }, { inspectGraph }, { proposeMapping }, { checkMapping }] = await Promise.all([
    import('../graph/server.ts'),
    import('../graph/driver.ts'),
    import('../graph/inspect.ts'),
    import('../graph/proposal.ts'),
    import('../graph/mapping.ts'),
  ]);
  const graph = await openGraph(await ensureServer(options, report, signal));
  try {
    const inspection = await inspectGraph(graph, report, signal);
    const proposal = options.mapping ? { mapping: options.mapping, notes: [] } : proposeMapping(inspection);
    const { parts, notes } = await checkMapping(graph, proposal.mapping, report, signal);
    return {
      inspection,
      mapping: proposal.mapping,
      isProposed: options.mapping === undefined,
      parts,
      notes: [...proposal.notes, ...notes],
    };
  } finally {
    await graph.close();
  }
}
