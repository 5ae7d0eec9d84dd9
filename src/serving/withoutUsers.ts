/** What a version holds, without some of the users that it was trained with. */
import type { Csr } from '../compute/csr.ts';
import type { PublishedShape } from '../models/model.ts';
import { findModel } from '../models/registry.ts';
import type { Snapshot } from '../sampling/snapshot.ts';
import type { TrainingRecord, TrainingResult } from '../training/result.ts';

/** Arrays of a version, as training hands them over and as a stored version holds them. */
export type VersionContent = Pick<TrainingResult, 'vectors' | 'itemWeights' | 'parameters' | 'contributions' | 'train'>;

export interface Leaving {
  /** What the version was trained on, and the same without the users. */
  readonly before: Snapshot;
  readonly after: Snapshot;
  /** The users, by dense index in `before`. */
  readonly gone: ReadonlySet<number>;
}

/**
 * The content without the users' rows: their vectors, their part of the training matrix, rows of parameter tables that are
 * theirs. What others' rows learned from them stays. `options` say what used to follow from the number of users. Undefined
 * where the model cannot be made again without them: it has to be trained again.
 */
export function contentWithout(
  content: VersionContent,
  { model, options }: Pick<TrainingRecord, 'model' | 'options'>,
  { before, after, gone }: Leaving,
): { readonly content: VersionContent; readonly options: TrainingRecord['options'] } | undefined {
  const { train, vectors, contributions, parameters } = content;
  const kept = Array.from({ length: train.rows }, (_, user) => user).filter((user) => !gone.has(user));
  const entries = entriesOf(train, kept);
  if (entries.length === 0) return undefined; // of nothing no version serves
  const rows = (table: Float32Array, dim: number) => rowsOf(table, dim, kept);
  const shorter: VersionContent = {
    ...content,
    train: trainOf(train, kept, entries),
    ...(vectors && { vectors: { ...vectors, users: rows(vectors.users, vectors.dim) } }),
    ...(contributions && {
      contributions: {
        ...contributions,
        own: rows(contributions.own, contributions.dim),
        weights: rowsOf(contributions.weights, 1, entries),
      },
    }),
  };
  if (!parameters) return { content: shorter, options };
  const definition = findModel(model);
  const shape = (snapshot: Snapshot, matrix: Csr, given: TrainingRecord['options']): PublishedShape =>
    definition.published?.({ snapshot, train: matrix, options: definition.options.parse(given) }) ?? {};
  const was = shape(before, train, options);
  const settled = { ...options, ...was.options };
  const is = shape(after, shorter.train, settled);
  if (JSON.stringify(is.options) !== JSON.stringify(was.options)) return undefined;
  const tables = new Map(parameters);
  for (const [name, names] of Object.entries(is.rows ?? {})) {
    const values = parameters.get(name);
    if (!values) continue;
    const chosen = placesOf(names, was.rows?.[name] ?? []);
    if (!chosen) return undefined;
    tables.set(name, rowsOf(values, values.length / was.rows![name]!.length, chosen));
  }
  return { content: { ...shorter, parameters: tables }, options: settled };
}

/** Entries of a matrix that lie in some of its rows. */
function entriesOf({ offsets }: Csr, rows: ArrayLike<number>): Int32Array {
  let count = 0;
  for (let n = 0; n < rows.length; n++) count += offsets[rows[n]! + 1]! - offsets[rows[n]!]!;
  const entries = new Int32Array(count);
  for (let n = 0, at = 0; n < rows.length; n++)
    for (let entry = offsets[rows[n]!]!; entry < offsets[rows[n]! + 1]!; entry++) entries[at++] = entry;
  return entries;
}

function trainOf({ cols, offsets, indices }: Csr, kept: readonly number[], entries: Int32Array): Csr {
  const ends = new Int32Array(kept.length + 1);
  for (const [row, user] of kept.entries()) ends[row + 1] = ends[row]! + offsets[user + 1]! - offsets[user]!;
  return { rows: kept.length, cols, offsets: ends, indices: entries.map((entry) => indices[entry]!) };
}

/** Some rows of a table. [rows.length, dim] */
function rowsOf(table: Float32Array, dim: number, rows: ArrayLike<number>): Float32Array {
  const found = new Float32Array(rows.length * dim);
  for (let n = 0; n < rows.length; n++) found.set(table.subarray(rows[n]! * dim, (rows[n]! + 1) * dim), n * dim);
  return found;
}

/** Where each of some names stands among others; undefined where one is not there. */
function placesOf(names: readonly string[], others: readonly string[]): number[] | undefined {
  const places = new Map(others.map((name, place) => [name, place]));
  const found = names.map((name) => places.get(name));
  return found.every((place) => place !== undefined) ? found : undefined;
}
