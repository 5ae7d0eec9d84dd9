/** A version of DeepFM ranks what another version's sources find, with calibrated probabilities; and fusion fitted on what was held out. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openKernels } from '../../../src/compute/open.ts';
import { openWasm } from '../../../src/compute/tensors/wasm.ts';
import type { Tensors } from '../../../src/compute/tensors.ts';
import { findModel } from '../../../src/models/registry.ts';
import { option, optionGroups } from '../../../src/options.ts';
import { silent } from '../../../src/progress.ts';
import { splitRows } from '../../../src/sampling/rows.ts';
import { splitSnapshot } from '../../../src/sampling/split.ts';
import { writeSnapshot } from '../../../src/sampling/store.ts';
import { loadVersion } from '../../../src/serving/published.ts';
import { revivedModel } from '../../../src/serving/scorer.ts';
import { serveVersion } from '../../../src/serving/served.ts';
import { fitFusion } from '../../../src/serving/stages/fitFusion.ts';
import { heldOut } from '../../../src/serving/stages/heldOut.ts';
import { contextOf, openPipelines } from '../../../src/serving/stages/pipelines.ts';
import { runPipeline } from '../../../src/serving/stages/run.ts';
import { publish } from '../../../src/serving/versions.ts';
import { calibrated, calibrationOn } from '../../../src/training/platt.ts';
import { runTraining } from '../../../src/training/run.ts';
import { weather } from '../../models/worlds.ts';
import { checkerboardSnapshot } from '../../planted.ts';
import { plantedResult } from '../home.ts';

const home = mkdtempSync(join(tmpdir(), 'tastegraph-ranking-'));
const kernels = openKernels({ threads: 1 });
let tensors: Tensors;
beforeAll(async () => {
  tensors = await openWasm(kernels);
});
afterAll(async () => {
  tensors.close();
  await kernels.close();
  rmSync(home, { recursive: true, force: true });
});

it('another version orders the candidates by calibrated probabilities', async () => {
  const snapshot = weather();
  writeSnapshot(home, snapshot);
  const seed = 2;
  const definition = findModel('deepfm');
  const split = splitRows(snapshot, optionGroups.splitting.parse({ seed }));
  const train = async (refit: boolean) =>
    await runTraining({
      definition,
      modelOptions: { dim: 8, hidden: [16], batchSize: 256, learningRate: 0.01 },
      snapshot,
      split,
      options: { ...optionGroups.training.parse({ epochs: 3, refit }), seed },
      kernels,
      tensors,
      checkpoints: join(home, 'checkpoints'),
      report: silent,
      signal: new AbortController().signal,
    });
  const trained = await train(false);
  const deep = (await publish(home, trained)).id;
  const { id } = await publish(home, plantedResult(snapshot));
  const served = serveVersion(loadVersion(home, id), kernels);
  const published = loadVersion(home, deep);
  expect(heldOut(published)).toMatchObject({ part: 'validation' });
  const model = revivedModel(published, kernels, tensors)!;
  const calibration = published.manifest.calibration!;
  expect(calibration.slope).toBeGreaterThan(0);
  expect(calibration).toEqual(await calibrationOn(split.rows!.validation, model));
  // Trained on the validation part in the end, it has the calibration of the epoch that was best there.
  expect((await train(true)).calibration).toEqual(calibration);

  const rank = { by: 'version', version: deep, deadlineMs: 60_000 };
  const declared = option.pipelines.parse({ test: { sources: [{ kind: 'popular' }], rank } });
  const ready = openPipelines(declared, { home, kernels, tensors }).ready(served, 'test');
  const context = contextOf(ready, { user: 'u1', pipeline: 'test', limit: 1000, since: [], seed: '' });
  const run = await runPipeline(ready, context);
  expect(run.degraded).toBeUndefined();
  expect(run.stages.at(-1)!.note).toBe('probabilities, calibrated on the validation part');
  // The same by the model's scores of all items, which serving ranks by where DeepFM itself is served.
  const logits = new Float32Array(snapshot.items.count);
  model.scoreItems!(snapshot.users.index('u1')!, logits);
  const items = run.chosen.map(({ item }) => item);
  expect(items.length).toBeGreaterThan(5);
  const expected = items.toSorted((a, b) => logits[b]! - logits[a]!);
  expect(items.map((item) => logits[item])).toEqual(expected.map((item) => logits[item]));
  for (const { item, score } of run.chosen)
    expect(score).toBeCloseTo(calibrated(calibration, 1 / (1 + Math.exp(-logits[item]!))), 5);
  // It takes in nobody, and the answer says so: as the sources left them for a stranger, as it knew her for a user.
  const told = async (user: string, declared: object, since: readonly string[]) => {
    const pipelines = openPipelines(option.pipelines.parse({ test: declared }), { home, kernels, tensors });
    const asked = pipelines.ready(served, 'test');
    return await runPipeline(asked, contextOf(asked, { user, pipeline: 'test', limit: 1000, since, seed: '' }));
  };
  const since = [snapshot.items.id(0)];
  const byDeep = { sources: [{ kind: 'popular' }], rank };
  const stranger = await told('nobody', byDeep, since);
  expect(stranger.chosen.map(({ item }) => item)).toEqual(stranger.lists[0]!.ids);
  const why = 'its model, deepfm, makes no taste of what was done since';
  expect(stranger.notes).toEqual([`Ranker 'version': version ${deep} was not trained with her: ${why}`]);
  expect(stranger.degraded).toBeUndefined();
  expect((await told('nobody', byDeep, [])).notes).toEqual([]); // nothing is known of her at all
  const order = (chosen: typeof run.chosen) => chosen.map(({ item }) => snapshot.items.id(item));
  const more = order(run.chosen).slice(0, 1);
  const known = await told('u1', byDeep, more);
  expect(known.notes).toEqual([`Ranker 'version': version ${deep} goes by what it was trained with: ${why}`]);
  expect(order(known.chosen)).toEqual(order(run.chosen).filter((id) => !more.includes(id)));
  const source = { sources: [{ kind: 'version', version: deep }], rank: { by: 'fusion' } };
  const found = await told('nobody', source, since);
  expect(found.chosen).toEqual([]);
  expect(found.notes[0]).toMatch(/^Source 'version' is left out: version \S+ was not trained with her/);
  // Trained on the validation part too, it leaves nothing but the test part, on which nothing is fitted.
  expect(heldOut({ ...published, train: split.fit })).toMatchObject({ lacks: expect.stringContaining('--no-refit') });
  model.dispose();
  served.dispose();
}, 60_000);

it('fusion fitted on the held-out part trusts the source that is right', async () => {
  const snapshot = checkerboardSnapshot();
  writeSnapshot(home, snapshot);
  const { train } = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed: 7 }));
  // Taste in column 0: even items against odd ones.
  const side = (node: number) => (node % 2 === 0 ? 1 : -1);
  const column = (count: number) => Float32Array.from({ length: count }, (_, node) => side(node));
  const vectors = { dim: 1, users: column(snapshot.users.count), items: column(snapshot.items.count) };
  const { contributions: _, ...result } = plantedResult(snapshot);
  const { id } = await publish(home, { ...result, model: 'lightgcn', split: 'given', train, vectors });
  const served = serveVersion(loadVersion(home, id), kernels);
  expect(heldOut(served.published)).toMatchObject({ part: 'validation' });
  const declared = option.pipelines.parse({
    test: {
      sources: [
        { kind: 'version', quota: 5 },
        { kind: 'newest', quota: 20 },
      ],
    },
  });
  const fitted = await fitFusion(openPipelines(declared, { home, kernels }), served, 'test', 1);
  expect(fitted.part).toBe('validation');
  expect(fitted.fuse.weights.version).toBeGreaterThan(1 + Math.abs(fitted.fuse.weights.newest!));
  expect(fitted.recallAt20.learned).toBeGreaterThanOrEqual(fitted.recallAt20.reciprocalRank);
  served.dispose();
});

it.each([
  ['the version was trained on all but the test part', 'fit', /all but the test part.*--no-refit/],
  ['the data were cut in other shares than can be known', 'test', /other shares than the usual ones/],
] as const)('fusion cannot be fitted where %s', async (_case, part, message) => {
  const snapshot = checkerboardSnapshot();
  const split = splitSnapshot(snapshot, optionGroups.splitting.parse({ seed: 7 }));
  const { contributions: _, ...result } = plantedResult(snapshot);
  const { id } = await publish(home, { ...result, model: 'lightgcn', split: 'given', train: split[part] });
  const served = serveVersion(loadVersion(home, id), kernels);
  const pipelines = openPipelines(undefined, { home, kernels });
  await expect(fitFusion(pipelines, served, 'default', 1)).rejects.toMatchObject({
    code: 'pipeline/unfit',
    message: expect.stringMatching(message),
  });
  served.dispose();
});
