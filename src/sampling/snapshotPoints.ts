/** The pairs of a snapshot as points: user, item, and the features of both. */
import type { Csr } from '../compute/csr.ts';
import type { PointBag, PointColumns, PointField } from './points.ts';
import type { Relation, Snapshot } from './snapshot.ts';

/**
 * Each pair of `part` as a point with label 1. Fields: 'user', 'item', and one for each kind of feature that no owner has two
 * of ('user age'); kinds that some owner has several of become bags ('item genre').
 */
export function snapshotPoints(snapshot: Snapshot, part: Csr): PointColumns {
  const users = new Int32Array(part.indices.length);
  for (let user = 0; user < part.rows; user++) users.fill(user, part.offsets[user], part.offsets[user + 1]);
  const identity = (size: number) => Int32Array.from({ length: size }, (_, index) => index);
  const fields: PointField[] = [
    { name: 'user', owner: 'user', size: snapshot.users.count, values: identity(snapshot.users.count) },
    { name: 'item', owner: 'item', size: snapshot.items.count, values: identity(snapshot.items.count) },
  ];
  const bags: PointBag[] = [];
  for (const owner of ['user', 'item'] as const) {
    const relation = snapshot.relation(`${owner}-feature` satisfies Relation);
    for (const [kind, values] of byKind(snapshot, relation)) {
      const name = `${owner} ${kind}`;
      const isSingle = values.offsets.every((end, row) => row === 0 || end - values.offsets[row - 1]! <= 1);
      if (isSingle) fields.push({ name, owner, size: values.cols, values: onlyValues(values) });
      else bags.push({ name, owner, values });
    }
  }
  return { users, items: part.indices, labels: new Float32Array(part.indices.length).fill(1), fields, bags };
}

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

function onlyValues({ rows, offsets, indices }: Csr): Int32Array {
  return Int32Array.from({ length: rows }, (_, row) =>
    offsets[row + 1]! > offsets[row]! ? indices[offsets[row]!]! : -1,
  );
}
