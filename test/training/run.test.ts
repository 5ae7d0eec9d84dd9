import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Kernels } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import { TastegraphError } from '../../src/errors.ts';
import { findModel } from '../../src/models/registry.ts';
import { optionGroups } from '../../src/options.ts';
import { silent } from '../../src/progress.ts';
import { RandomStream } from '../../src/random.ts';
import { SnapshotBuilder } from '../../src/sampling/builder.ts';
import { splitSnapshot } from '../../src/sampling/split.ts';
import type { TrainingResult } from '../../src/training/result.ts';
import { runTraining, type TrainingRun } from '../../src/training/run.ts';

const folder = mkdtempSync(join(tmpdir(), 'tastegraph-training-'));
const pools = [openKernels({ threads: 1 }), openKernels({ threads: 3 })] as const;
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await Promise.all(pools.map((kernels) => kernels.close()));
});

/** Two groups of people with two groups of things, and a little noise. */
const snapshot = (() => {
  const builder = new SnapshotBuilder();
  const stream = new RandomStream(11, 'groups');
  for (let u = 0; u < 60; u++) {
    for (let i = 0; i < 50; i++) {
      if (stream.uniform() < (u % 2 === i % 2 ? 0.4 : 0.03)) {
        builder.add({ kind: 'interaction', user: `u${u}`, item: `i${i}`, type: 'view', at: 0, value: 1 });
      }
    }
  }
  return builder.build({ asOf: 0, source: 'generated' });
})();
const split = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed: 5 }));

function train(
  name: string,
  more: Partial<TrainingRun> & { set?: Record<string, unknown> } = {},
  kernels: Kernels = pools[0],
): Promise<TrainingResult> {
  const { set, ...rest } = more;
  return runTraining({
    definition: findModel('lightgcn'),
    modelOptions: { dim: 16, layers: 2, batchSize: 128, negativeGroup: 64, learningRate: 0.01 },
    snapshot,
    split,
    options: { ...optionGroups.training.parse({ epochs: 8, metricsAt: [5, 10], ...set }), seed: 3 },
    kernels,
    checkpoints: join(folder, name),
    report: silent,
    signal: new AbortController().signal,
    checkpointSeconds: 0,
    ...rest,
  });
}

const numbers = ({ seconds: _, sampling: ___, curve, ...result }: TrainingResult) => ({
  ...result,
  curve: curve.map(({ seconds: __, ...point }) => point),
});

describe('training', () => {
  it('finds the planted groups, beats popularity and says how it got there', async () => {
    const result = await train('plain');
    expect(result.test['recall@10']).toBeGreaterThan(result.popularity['recall@10']! * 1.3);
    expect(result.curve.at(-1)!.loss!).toBeLessThan(result.curve[0]!.loss!);
    expect(result.valid).toEqual(result.curve.find(({ epoch }) => epoch === result.epochs)!.valid);
    expect(result.train).toBe(split.fit);
  });

  it('trains once, for as long as it is told, where there is no validation part', async () => {
    const uncut = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed: 5, validationRatio: 0 }));
    const result = await train('uncut', { split: uncut, set: { epochs: 4, patience: 1 } });
    expect(result).toMatchObject({ epochs: 4, valid: {} });
    expect(result.train).toBe(uncut.train);
    expect(result.curve.map(({ epoch, valid }) => [epoch, valid])).toEqual([1, 2, 3, 4].map((at) => [at, undefined]));
    // It is what a search that chose its fourth epoch trains anew.
    const { test } = await train('chosen', { set: { epochs: 4, evaluateEvery: 4 } });
    expect(result.test).toEqual(test);
  });

  it('gives the same numbers on any number of threads', async () => {
    expect(numbers(await train('threads', {}, pools[1]))).toEqual(numbers(await train('threads', {}, pools[0])));
  });

  it('gives the same numbers whatever draws its subgraphs, and where it was stopped and resumed', async () => {
    const modelOptions = { dim: 16, layers: 2, fanouts: [5, 3], batchSize: 128, negativeGroup: 64, learningRate: 0.01 };
    const sampled = (name: string, set: object, more: Partial<TrainingRun> = {}) =>
      train(name, { modelOptions, set: { epochs: 4, ...set }, ...more });
    const whole = numbers(await sampled('sampled', { samplers: 0 }));
    for (const samplers of [1, 3]) expect(numbers(await sampled('sampled', { samplers }))).toEqual(whole);
    const stop = new AbortController();
    const cut = sampled('sampled', {}, { onPoint: ({ epoch }) => epoch === 2 && stop.abort(), signal: stop.signal });
    await expect(cut).rejects.toMatchObject({ code: 'training/interrupted' });
    expect(numbers(await sampled('sampled', { resume: true }))).toEqual(whole);
  });

  it.each([true, false])('stopped and resumed equals uninterrupted, to the last bit (refit %s)', async (refit) => {
    const definition = findModel('lightgcn');
    let steps = 0;
    const counted = (onStep: () => void): typeof definition => ({
      ...definition,
      create(context) {
        const { trained, ...model } = definition.create(context);
        const step = (epoch: number, number: number) => {
          steps++;
          onStep();
          return trained!.step(epoch, number);
        };
        return { ...model, trained: { ...trained!, step } };
      },
    });
    const whole = numbers(await train('whole', { set: { refit }, definition: counted(() => {}) }));
    const all = steps;
    // In the first epoch, on the way, and near the end: in the second phase, where there is one.
    for (const stopAt of [1, Math.floor(all * 0.4), Math.floor(all * 0.9)]) {
      const stop = new AbortController();
      steps = 0;
      const definition = counted(() => {
        if (steps === stopAt) stop.abort();
      });
      const cut = train('cut', { set: { refit }, definition, signal: stop.signal });
      await expect(cut).rejects.toMatchObject({ code: 'training/interrupted' });
      expect(numbers(await train('cut', { set: { refit, resume: true } }))).toEqual(whole);
    }
  });

  it('refuses the checkpoint of another run, and one that was changed on the disk', async () => {
    await train('other', { set: { epochs: 2 } });
    const other = train('other', { set: { epochs: 2, resume: true, metricsAt: [3] } });
    await expect(other).rejects.toMatchObject({ code: 'training/checkpoint-mismatch' });
    const { file } = JSON.parse(readFileSync(join(folder, 'other', 'manifest.json'), 'utf8')) as { file: string };
    const bytes = readFileSync(join(folder, 'other', file));
    bytes[100]! ^= 1;
    writeFileSync(join(folder, 'other', file), bytes);
    const changed = train('other', { set: { epochs: 2, resume: true } });
    await expect(changed).rejects.toMatchObject({ code: 'training/checkpoint-corrupt' });
  });

  it('stops at a loss that is no number, and publishes nothing', async () => {
    const definition = findModel('lightgcn');
    const create: typeof definition.create = (context) => {
      const model = definition.create(context);
      return { ...model, trained: { ...model.trained!, step: () => Number.NaN } };
    };
    const failure = await train('nan', { definition: { ...definition, create } }).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(TastegraphError);
    expect(failure).toMatchObject({ code: 'model/diverged', details: { epoch: 1, step: 1 } });
  });
});
