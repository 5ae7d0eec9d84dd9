import { z } from 'zod';
import { crossEntropy, dense, dropout, layerNorm, maskedSoftmax } from '../../compute/tensors/operations.ts';
import type { Tensor, Tf } from '../../compute/tensors.ts';
import { option } from '../../options.ts';
import { RandomStream } from '../../random.ts';
import { SequenceSource, userSequences } from '../../sampling/sequences.ts';
import { defineModel, type Parameter, type ParameterStore } from '../model.ts';
import { type Named, tensorForward, tensorForwardSync, tensorStep } from '../tensorStep.ts';
import { someRows } from '../vectors.ts';
import { lastWindows, type Windows, windowsOf, withoutPadding } from './windows.ts';

type Matrix = ReturnType<Tf['tensor2d']>;

/**
 * SASRec: Kang & McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018.
 *
 *   x_0 = √dim · E_s + P                                                        (eq. 1)
 *   q = LN(x); x' = q + softmax(q W_Q (x W_K)ᵀ / √(dim / heads), causal) x W_V     (eq. 2, 3)
 *   x = x'' + relu(x'' W_1 + b_1) W_2 + b_2, x'' = LN(x')                          (eq. 4, 5)
 *   score(u, i) = ⟨LN(x)_t, E_i⟩                                                 (eq. 6)
 *   loss = −1/n · Σ ln softmax(scores at a position)[next item], over all items or a sample of them
 *
 * The paper's loss is binary with one negative; the softmax is what later work found to rank far better (Klenitskiy & Vasilev,
 * "Turning Dross Into Gold Loss", RecSys 2023). Table: items [|I| + 1, dim], the last one padding. Batch: windows [b, t].
 */
export const sasrec = defineModel({
  name: 'sasrec',
  family: 'sequence',
  paper: 'Kang & McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018',
  summary: 'Self-attention over what a user did last; scores the next item',
  options: z
    .strictObject({
      dim: option.dim,
      maxLength: option.maxLength,
      blocks: option.blocks,
      heads: option.heads,
      dropout: option.dropout,
      candidates: option.candidates,
      batchSize: option.batchSize.default(128),
      learningRate: option.learningRate,
      l2: option.l2.default(0),
    })
    .refine(({ dim, heads }) => dim % heads === 0, { path: ['heads'], message: 'must divide the width' }),
  needs: ['time'],
  learns: 'pairs',
  tensors: true,
  unattributed: 'SASRec weighs what a user did by what else she did, so a score is no sum of parts, one for each',
  memory({ train, options: { dim, maxLength, blocks, heads, batchSize, candidates } }) {
    const positions = batchSize * maxLength;
    const inside = positions * (dim * 12 + maxLength * heads * 3) * blocks;
    return {
      tables: [{ rows: train.cols + 1, dim }],
      batchBytes: 4 * (inside + 3 * positions * (candidates || train.cols)),
    };
  },
  create: ({ snapshot, train, options, seed, kernels, store, parameters, pace, feed, tensors }) => {
    const { dim, maxLength, blocks, heads, batchSize, learningRate, l2 } = options;
    const { tf } = tensors!;
    const itemCount = train.cols;
    const table = store.table('items', { rows: itemCount + 1, dim }, { kind: 'normal', deviation: 0.02 });
    const weights = [
      parameters.add('positions', [maxLength, dim], 'truncated-normal'),
      ...Array.from({ length: blocks }, (_, n) => blockWeights(parameters, `block${n + 1}`, dim)).flat(),
      parameters.add('norm.gain', [dim], 'ones'),
      parameters.add('norm.shift', [dim], 'zeros'),
    ];
    const side = { tensors: tensors!, kernels, weights, parameters, pace };

    /** Items' rows [b · t, dim] → what each position has learned [b · t, dim]; `drop` is a seed while it trains. */
    const encode = (rows: Tensor, w: Named, windows: Windows, drop?: number): Tensor => {
      const { count: b, length: t } = windows;
      let seeds = drop ?? 0;
      const thin = (x: Tensor) => (drop === undefined ? x : dropout(x, options.dropout, seeds++));
      const present = tf.tensor(windows.present, [b, t, 1]);
      const mask = tf.tensor(windows.mask(), [1, b, t, t]);
      const positions = tf.slice(w.positions as Matrix, [maxLength - t, 0], [t, dim]);
      let x: Tensor = tf.add(tf.mul(tf.reshape(rows, [b, t, dim]), Math.sqrt(dim)), positions);
      x = tf.mul(thin(x), present); // [b, t, dim]
      const norm = (y: Tensor, name: string) => layerNorm(y, w[`${name}.gain`]!, w[`${name}.shift`]!);
      const split = (y: Tensor) => tf.transpose(tf.reshape(y, [b, t, heads, dim / heads]), [2, 0, 1, 3]);
      for (let n = 1; n <= blocks; n++) {
        const own = (name: string) => w[`block${n}.${name}`]!;
        const q = norm(x, `block${n}.norm1`);
        const [queries, keys, values] = [
          split(dense(q, own('query'))), // [heads, b, t, dim / heads]
          split(dense(x, own('key'))),
          split(dense(x, own('value'))),
        ];
        const scale = 1 / Math.sqrt(dim / heads);
        const attention = thin(maskedSoftmax(tf.matMul(queries, keys, false, true), mask, scale)); // [heads, b, t, t]
        const mixed = tf.reshape(tf.transpose(tf.matMul(attention, values), [1, 2, 0, 3]), [b, t, dim]);
        x = norm(tf.add(q, mixed), `block${n}.norm2`);
        const inner = thin(dense(x, own('W1'), own('b1'), 'relu'));
        x = tf.mul(tf.add(x, thin(dense(inner, own('W2'), own('b2')))), present);
      }
      return tf.reshape(norm(x, 'norm'), [b * t, dim]);
    };

    /** What the last position of each window has learned. [b · t, dim] → [b, dim] */
    const newest = (all: Tensor, { count, length }: Windows): Tensor =>
      tf.reshape(tf.slice(tf.reshape(all, [count, length, dim]), [0, length - 1, 0], [count, 1, dim]), [count, dim]);

    const sequences = userSequences(snapshot, train);
    const batches = feed.batches(new SequenceSource(sequences, { itemCount, length: maxLength, batchSize, seed }));
    const drawn = options.candidates > 0 ? Math.min(options.candidates, itemCount) : 0;
    return {
      trained: {
        stepsPerEpoch: batches.perEpoch,
        async step(epoch, step) {
          const batch = await batches.at(epoch, step);
          const groups = withoutPadding(batch, maxLength, itemCount);
          const targets = joined(groups.map((group) => group.targets)); // [m]
          const drop = new RandomStream(seed, 'dropout', epoch, step).next() & 0x3fffffff;
          const count = epoch * batches.perEpoch + step + 1;
          const update = { learningRate, step: count, l2: l2 / batch.lengths.length };
          /** What has been learned where there is a target [m, dim], from each group's rows of items. */
          const encodeAll = (inputs: readonly Tensor[], w: Named): Tensor =>
            tf.concat(
              groups.map((group, n) => {
                const all = encode(inputs[n]!, w, group, drop + (n << 8));
                return tf.gather(all, tf.tensor1d(group.targetPlaces, 'int32'));
              }),
            );
          const score = (h: Tensor, others: Tensor) => tf.matMul(h as Matrix, others as Matrix, false, true);
          if (drawn === 0) {
            return await tensorStep(side, [{ table, ids: allOf(itemCount + 1) }], update, ([rows], w) => {
              const inputs = groups.map(({ items }) => tf.gather(rows!, tf.tensor1d(items, 'int32')));
              const logits = score(encodeAll(inputs, w), tf.slice(rows as Matrix, 0, itemCount)); // [m, |I|]
              return tf.mean(crossEntropy(logits, tf.tensor1d(targets, 'int32')));
            });
          }
          const random = new RandomStream(seed, 'candidates', epoch, step);
          const negatives = Int32Array.from({ length: drawn }, () => random.integer(itemCount));
          const parts = [...groups.map(({ items }) => items), targets, negatives];
          return await tensorStep(side, [{ table, ids: joined(parts) }], update, ([rows], w) => {
            const cut = tf.split(
              rows!,
              parts.map((part) => part.length),
            );
            const [right, others] = cut.slice(groups.length) as [Tensor, Tensor];
            const h = encodeAll(cut, w); // [m, dim]
            const own = tf.sum(tf.mul(h, right), 1, true); // [m, 1]
            const logits = tf.concat([own, tf.add(score(h, others), hits(tf, targets, negatives))], 1);
            return tf.mean(crossEntropy(logits, tf.zeros([targets.length], 'int32')));
          });
        },
      },
      async vectors(seen) {
        const users = new Float32Array(train.rows * dim);
        const items = someRows(table, 0, itemCount);
        for (const { of, windows } of lastWindows(userSequences(snapshot, seen), maxLength, itemCount)) {
          const rows = await tensorForward(side, [{ table, ids: windows.items }], ([looked], w) =>
            newest(encode(looked!, w, windows), windows),
          );
          for (const [row, user] of of.entries()) users.set(rows.subarray(row * dim, (row + 1) * dim), user * dim);
        }
        return { dim, users, items };
      },
      sequences: {
        length: maxLength,
        read(items) {
          const windows = windowsOf(items, 1, itemCount);
          return tensorForwardSync(side, [{ table, ids: items }], ([looked], w) =>
            newest(encode(looked!, w, windows), windows),
          );
        },
      },
      dispose() {},
    };
  },
});

function blockWeights(parameters: ParameterStore, block: string, dim: number): Parameter[] {
  const add = (name: string, shape: readonly number[], initial: 'xavier-uniform' | 'zeros' | 'ones') =>
    parameters.add(`${block}.${name}`, shape, initial);
  return [
    ...['query', 'key', 'value', 'W1', 'W2'].map((name) => add(name, [dim, dim], 'xavier-uniform')),
    ...['b1', 'b2', 'norm1.shift', 'norm2.shift'].map((name) => add(name, [dim], 'zeros')),
    ...['norm1.gain', 'norm2.gain'].map((name) => add(name, [dim], 'ones')),
  ];
}

const allOf = (count: number): Int32Array => Int32Array.from({ length: count }, (_, item) => item);

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** −∞ (a large negative number) where a drawn item is the position's own target, which must not compete with itself. [m, drawn] */
function hits(tf: Tf, targets: Int32Array, drawn: Int32Array): Tensor {
  const same = new Float32Array(targets.length * drawn.length);
  const rowsOf = new Map<number, number[]>();
  for (const [row, target] of targets.entries()) rowsOf.set(target, [...(rowsOf.get(target) ?? []), row]);
  for (const [column, item] of drawn.entries())
    for (const row of rowsOf.get(item) ?? []) same[row * drawn.length + column] = -1e9;
  return tf.tensor2d(same, [targets.length, drawn.length]);
}
