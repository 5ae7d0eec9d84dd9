/** What a snapshot knows of a user, an item and the circumstances in which they met, as the columns of points. */
import type { Csr } from '../compute/csr.ts';
import type { PointBag, PointColumns, PointField } from './points.ts';
import type { LabelledRows } from './rows.ts';
import type { Snapshot } from './snapshot.ts';

/** Fields and bags of a snapshot, in a fixed order, whatever points they are asked for. */
export interface SnapshotFields {
  /** 'user', 'item', and one for each kind of feature that no owner has two of ('user age'). */
  readonly owned: readonly PointField[];
  /** One for each kind of context, of which a point has the first value; by interaction. */
  readonly contexts: readonly Omit<PointField, 'owner'>[];
  /** Kinds that some owner has several of ('item genre'). */
  readonly bags: readonly PointBag[];
}

export function snapshotFields(snapshot: Snapshot): SnapshotFields {
  const identity = (size: number) => Int32Array.from({ length: size }, (_, index) => index);
  const owned: PointField[] = (['user', 'item'] as const).map((owner) => {
    const size = snapshot[`${owner}s`].count;
    return { name: owner, owner, size, values: identity(size) };
  });
  const bags: PointBag[] = [];
  for (const owner of ['user', 'item'] as const) {
    for (const [kind, values] of byKind(snapshot, snapshot.relation(`${owner}-feature`))) {
      const name = `${owner} ${kind}`;
      const isSingle = values.offsets.every((end, row) => row === 0 || end - values.offsets[row - 1]! <= 1);
      if (isSingle) owned.push({ name, owner, size: values.cols, values: firstValues(values) });
      else bags.push({ name, owner, values });
    }
  }
  const { contexts } = snapshot.interactions;
  const circumstances = contexts ? byKind(snapshot, contexts) : [];
  return {
    owned,
    contexts: Array.from(circumstances, ([kind, values]) => ({
      name: `context ${kind}`,
      size: values.cols,
      values: firstValues(values),
    })),
    bags,
  };
}

/** Labelled rows as points, each with the context of its interaction. */
export function rowPoints({ interactions }: Snapshot, of: SnapshotFields, rows: LabelledRows): PointColumns {
  const at = (values: Int32Array) => rows.interactions.map((interaction) => values[interaction]!);
  return {
    users: at(interactions.users),
    items: rows.items,
    labels: Float32Array.from(rows.labels),
    fields: [...of.owned, ...of.contexts.map(({ values, ...field }) => pointField(field, at(values)))],
    bags: of.bags,
  };
}

/** Some items, or every one, for one user, in no known circumstances. */
export function candidatePoints(
  snapshot: Snapshot,
  of: SnapshotFields,
  user: number,
  items: Int32Array = Int32Array.from({ length: snapshot.items.count }, (_, item) => item),
): PointColumns {
  const { length } = items;
  return {
    users: new Int32Array(length).fill(user),
    items,
    labels: new Float32Array(length),
    fields: [...of.owned, ...of.contexts.map((field) => pointField(field, new Int32Array(length).fill(-1)))],
    bags: of.bags,
  };
}

const pointField = (
  { name, size }: { readonly name: string; readonly size: number },
  values: Int32Array,
): PointField => ({
  name,
  owner: 'point',
  size,
  values,
});

/** A relation to features, cut by the features' kinds; columns are numbered within a kind, in the order of features. */
function byKind({ features }: Snapshot, { rows, offsets, indices, weights }: Csr): Map<string, Csr> {
  const within = new Int32Array(features.count);
  const kindOf = Array.from({ length: features.count }, (_, feature) => features.kind(feature));
  const sizes = new Map<string, number>();
  for (const [feature, kind] of kindOf.entries()) {
    within[feature] = sizes.get(kind) ?? 0;
    sizes.set(kind, within[feature] + 1);
  }
  const used = new Set(Array.from(indices, (feature) => kindOf[feature]!));
  const cut = new Map<string, Csr>();
  for (const kind of [...used].sort()) {
    const ends = new Int32Array(rows + 1);
    const columns: number[] = [];
    const kept: number[] = [];
    for (let row = 0; row < rows; row++) {
      for (let entry = offsets[row]!; entry < offsets[row + 1]!; entry++) {
        if (kindOf[indices[entry]!] !== kind) continue;
        columns.push(within[indices[entry]!]!);
        kept.push(weights?.[entry] ?? 1);
      }
      ends[row + 1] = columns.length;
    }
    const csr = { rows, cols: sizes.get(kind)!, offsets: ends, indices: Int32Array.from(columns) };
    const isWeighted = kept.some((weight) => weight !== 1);
    cut.set(kind, isWeighted ? { ...csr, weights: Float32Array.from(kept) } : csr);
  }
  return cut;
}

function firstValues({ rows, offsets, indices }: Csr): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) =>
    offsets[row + 1]! > offsets[row]! ? indices[offsets[row]!]! : -1,
  );
}
