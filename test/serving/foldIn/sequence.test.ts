/** Users of a model that reads sequences: their vector by what they did is the one that training gave them, and goes with what they do next. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import { openWasm } from '../../../src/compute/tensors/wasm.ts';
import type { Tensors } from '../../../src/compute/tensors.ts';
import { changeableTaste } from '../../../src/explain/changedTaste.ts';
import { sasrec } from '../../../src/models/sequence/sasrec.ts';
import { optionGroups } from '../../../src/options.ts';
import { silent } from '../../../src/progress.ts';
import { userSequences } from '../../../src/sampling/sequences.ts';
import { splitSnapshot } from '../../../src/sampling/split.ts';
import { writeSnapshot } from '../../../src/sampling/store.ts';
import { userWho } from '../../../src/serving/foldIn/current.ts';
import { evenHistory } from '../../../src/serving/foldIn/history.ts';
import { loadVersion, type PublishedVersion } from '../../../src/serving/published.ts';
import { type ServedVersion, serveVersion } from '../../../src/serving/served.ts';
import { publish } from '../../../src/serving/versions.ts';
import { runTraining } from '../../../src/training/run.ts';
import { ring } from '../../models/worlds.ts';

const kernels = openKernels({ threads: 2 });
const home = mkdtempSync(join(tmpdir(), 'tastegraph-sequence-'));
const snapshot = ring();
const item = (number: number) => snapshot.items.index(`i${String(number % 40).padStart(2, '0')}`)!;
const sequence = (from: number, length: number) => Int32Array.from({ length }, (_, n) => item(from + n));
let tensors: Tensors;
let published: PublishedVersion;
let served: ServedVersion;

beforeAll(async () => {
  tensors = await openWasm(kernels);
  const result = await runTraining({
    definition: sasrec,
    modelOptions: { dim: 16, maxLength: 8, heads: 2, blocks: 2, dropout: 0.1, batchSize: 16, learningRate: 0.01 },
    snapshot,
    split: splitSnapshot(snapshot, optionGroups.splitting.parse({ seed: 5, split: 'leave-one-out' })),
    options: { ...optionGroups.training.parse({ epochs: 25, metricsAt: [1] }), seed: 3 },
    kernels,
    tensors,
    checkpoints: join(home, 'checkpoints'),
    report: silent,
    signal: new AbortController().signal,
  });
  writeSnapshot(home, snapshot);
  await publish(home, result);
  published = loadVersion(home);
  served = serveVersion(published, kernels, tensors);
}, 120_000);
afterAll(async () => {
  tensors.close();
  await kernels.close();
  rmSync(home, { recursive: true, force: true });
});

describe('a user of a model that reads sequences', () => {
  it('has her published vector by the sequence that she was trained with, given or as the snapshot has it', () => {
    const { vectors, train } = published;
    const { offsets, items } = userSequences(snapshot, train);
    expect(offsets[1]).toBeGreaterThan(8); // longer than the model reads
    for (let user = 0; user < train.rows; user += 7) {
      const own = items.subarray(offsets[user], offsets[user + 1]);
      for (const history of [evenHistory(own, own), evenHistory(own)]) {
        const { vector, foldedIn } = served.fold(history, snapshot.users.id(user))!;
        expect(foldedIn).toEqual({ interactions: own.length, how: 'sequence' });
        for (const [d, value] of vector!.entries())
          expect(Math.abs(value - vectors!.users[user * 16 + d]!)).toBeLessThan(1e-5);
      }
    }
  });

  it('goes on with what she does next: known, new or without a name', () => {
    const deed = (number: number, at: number) => ({
      item: `i${String(number % 40).padStart(2, '0')}`,
      type: 'view',
      value: 1,
      at,
    });
    for (const user of ['u3', 'nobody']) {
      // Onward from another place of the ring.
      const done = [5, 6, 7].map((number, n) => deed(number, 1000 + n));
      const { served: asked, foldedIn, done: left } = userWho(served, user, done);
      expect(foldedIn).toMatchObject({ how: 'sequence' });
      expect(asked.recommend(user, { limit: 1, exclude: left! }).items[0]!.id).toBe('i08');
    }
    const session = served.fold(evenHistory(sequence(10, 3), sequence(10, 3)))!;
    expect(session.best(1, [...sequence(10, 3)]).ids).toEqual([item(13)]);
    // By its order, not by its set.
    const turned = Int32Array.of(item(12), item(11), item(10));
    const other = served.fold(evenHistory(turned, turned))!;
    expect(other.vector).not.toEqual(session.vector);
  });

  it('would be ranked otherwise had she done one thing less, by the order of the rest', () => {
    const taste = changeableTaste(served, 'u0');
    expect(taste).toMatchObject({ how: 'sequence', isExact: true });
    const { offsets, items } = userSequences(snapshot, published.train);
    const own = items.subarray(0, offsets[1]);
    const without = own.filter((each) => each !== own.at(-1));
    const scores = taste.by(without).scores(own);
    expect(scores).toEqual(served.fold(evenHistory(without, without), 'u0')!.scores(own));
  });

  it('frees the model with the version', () => {
    const before = tensors.tf.memory().numTensors;
    served.fold(evenHistory(sequence(0, 2), sequence(0, 2)));
    expect(tensors.tf.memory().numTensors).toBe(before);
    served.dispose();
    const scratch = kernels.used;
    const again = serveVersion(published, kernels, tensors);
    again.fold(evenHistory(sequence(5, 4), sequence(5, 4)));
    again.dispose();
    expect(kernels.used).toBe(scratch);
  });
});
