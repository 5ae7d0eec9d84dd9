/** How the best items are found among all vectors. */
import { z } from 'zod';
import { about } from './meta.ts';

export const indexKinds = ['auto', 'exact', 'int8', 'hnsw', 'neo4j'] as const;
export type IndexKind = (typeof indexKinds)[number];

export const indexOption = {
  index: z
    .enum(indexKinds)
    .default('auto')
    .meta(
      about(
        'How the best items are found among all vectors: `exact`, by a scan of all; `int8`, by a scan of them as bytes; `hnsw`, by a graph over them; `neo4j`, what is alike by the index in the graph',
        { reason: 'auto picks by their number, and serve says which and why' },
      ),
    ),
};
