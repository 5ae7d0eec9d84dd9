/** One embedding table for all fields of points, and how its rows become the fields of a batch. */
import type { Tensor, Tf } from '../../compute/tensors.ts';
import type { PointBatch } from '../../sampling/points.ts';
import type { Snapshot } from '../../sampling/snapshot.ts';
import type { SnapshotFields } from '../../sampling/snapshotPoints.ts';
import type { Table } from '../model.ts';
import type { Lookup } from '../tensorStep.ts';

/** Where each field's indices lie in the table; fields have one row more, for "unknown". */
export interface FieldLayout {
  readonly fields: readonly number[]; // first row of each field
  readonly bags: readonly number[]; // first row of each bag
  /** Rows of the table. */
  readonly rows: number;
  /** Fields and bags. */
  readonly width: number;
}

export function fieldLayout({ owned, contexts, bags }: SnapshotFields): FieldLayout {
  let rows = 0;
  const place = (size: number): number => {
    const first = rows;
    rows += size;
    return first;
  };
  const fields = [...owned, ...contexts].map(({ size }) => place(size + 1));
  const bagRows = bags.map(({ values }) => place(values.cols));
  return { fields, bags: bagRows, rows, width: fields.length + bagRows.length };
}

/** What each row of the table is of: the field's place and name, and the user, item or feature; the last of a field is "unknown". */
export function fieldRowNames(snapshot: Snapshot, { owned, contexts, bags }: SnapshotFields): string[] {
  const { users, items, features } = snapshot;
  const ofKind = new Map<string, string[]>();
  for (let feature = 0; feature < features.count; feature++) {
    const kind = features.kind(feature);
    const values = ofKind.get(kind) ?? [];
    values.push(features.id(feature));
    ofKind.set(kind, values);
  }
  const idsOf = (name: string): readonly string[] => {
    if (name === 'user') return Array.from({ length: users.count }, (_, user) => users.id(user));
    if (name === 'item') return Array.from({ length: items.count }, (_, item) => items.id(item));
    return ofKind.get(name.slice(name.indexOf(' ') + 1))!; // 'user age'
  };
  const named = (place: number, name: string, ids: readonly string[]) => ids.map((id) => `${place} ${name}\n${id}`);
  const fields = [...owned, ...contexts].flatMap(({ name }, place) => [
    ...named(place, name, idsOf(name)),
    `${place} ${name}`,
  ]);
  return [
    ...fields,
    ...bags.flatMap(({ name }, bag) => named(owned.length + contexts.length + bag, name, idsOf(name))),
  ];
}

/** Look-ups of a batch: its fields, then each bag's values. */
export function fieldLookups(table: Table, layout: FieldLayout, { fields, bags }: PointBatch): Lookup[] {
  const count = layout.fields.length;
  const ids = fields.map((index, at) => index + layout.fields[at % count]!);
  const values = bags.flatMap(({ indices }, b) => Array.from(indices, (index) => index + layout.bags[b]!));
  // One look-up: a row that stands in a field and in a bag is updated once.
  return [{ table, ids: Int32Array.from([...ids, ...values]) }];
}

/** Rows of `fieldLookups` → fields [b, width, dim]; a bag is the weighted mean of its values, zero where it has none. */
export function embedFields(tf: Tf, layout: FieldLayout, { users, fields, bags }: PointBatch, looked: Tensor): Tensor {
  const [b, dim] = [users.length, looked.shape[1]!];
  const sizes = [fields.length, ...bags.map(({ indices }) => indices.length)];
  const [own, ...values] = (bags.length > 0 ? tf.split(looked, sizes) : [looked]) as [Tensor, ...Tensor[]];
  const embedded = tf.reshape(own, [b, layout.fields.length, dim]);
  if (bags.length === 0) return embedded;
  const means = bags.map(({ offsets, weights }, n) => {
    const row = new Int32Array(values[n]!.shape[0]!);
    const share = new Float32Array(row.length);
    for (let point = 0; point < b; point++) {
      const [from, to] = [offsets[point]!, offsets[point + 1]!];
      for (let at = from; at < to; at++) {
        row[at] = point;
        share[at] = (weights?.[at] ?? 1) / (to - from);
      }
    }
    const weighed = tf.mul(values[n]!, tf.tensor2d(share, [row.length, 1]));
    const mean = tf.unsortedSegmentSum(weighed, tf.tensor1d(row, 'int32'), b); // [b, dim]
    return tf.reshape(mean, [b, 1, dim]);
  });
  return tf.concat([embedded, ...means], 1);
}
