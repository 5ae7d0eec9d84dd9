/** Marks for writes that set none, and what a look at the whole graph finds wrong with it. */

import type { Graph } from './driver.ts';
import { removedKey } from './removed.ts';
import { statement } from './statements.ts';

const rowsPerTransaction = 10_000;

/** Ids by what is to be said of them; users and items ascending. */
export interface ToMark {
  readonly users: readonly string[];
  readonly items: readonly string[];
  readonly removedUsers: readonly string[];
  readonly removedItems: readonly string[];
}

/** Marks nodes as changed, and leaves word of removed ones. Cut off, it can be done again. Errors: those of the database. */
export async function markChanged(graph: Graph, { users, items, removedUsers, removedItems }: ToMark): Promise<void> {
  const each = async (name: string, all: readonly string[], parameters: (rows: readonly string[]) => object) => {
    for (let start = 0; start < all.length; start += rowsPerTransaction) {
      const rows = all.slice(start, start + rowsPerTransaction);
      await graph.write((tx) => tx.run(statement(`write/${name}`), parameters(rows)), 'that marks what has changed');
    }
  };
  await each('users-mark', users, (ids) => ({ ids }));
  await each('items-mark', items, (ids) => ({ ids }));
  const tombstones = (kind: 'user' | 'item') => (ids: readonly string[]) => ({
    kind,
    keys: ids.map((id) => removedKey(kind, id)),
  });
  await each('removed', removedUsers, tombstones('user'));
  await each('removed', removedItems, tombstones('item'));
}

/** What is in the graph and cannot be in a snapshot as it is. */
export interface Flaws {
  /** Nodes without the properties that name them, and interactions without type, time or value. */
  readonly incomplete: Readonly<Record<'users' | 'items' | 'features' | 'interactions', number>>;
  /** Interactions between other nodes than a user and an item. */
  readonly elsewhere: number;
  readonly repeated: {
    /** Users, items, types and times that more than one interaction has. */
    readonly groups: number;
    /** Interactions beyond the first of each. */
    readonly surplus: number;
    readonly samples: readonly {
      readonly user: string;
      readonly item: string;
      readonly type: string;
      readonly at: number;
      readonly times: number;
    }[];
  };
}

/** Looks at the whole graph. Errors: those of the database. */
export async function findFlaws(graph: Graph, samples: number): Promise<Flaws> {
  const row = async (name: string) =>
    await graph.read(
      async (tx) => (await tx.run(statement(`read/${name}`), { samples })).records[0]!.toObject(),
      'that looks for flaws',
    );
  const { elsewhere, ...incomplete } = (await row('incomplete')) as Flaws['incomplete'] & {
    readonly elsewhere: number;
  };
  return { incomplete, elsewhere, repeated: (await row('repeated')) as Flaws['repeated'] };
}
