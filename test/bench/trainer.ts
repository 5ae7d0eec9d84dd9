/** Trains models and publishes them in a home of its own, for benchmarks of what a version answers. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kernels } from '../../src/compute/kernels.ts';
import { openKernels } from '../../src/compute/open.ts';
import { openTensors } from '../../src/compute/tensors/open.ts';
import type { Tensors } from '../../src/compute/tensors.ts';
import { findModel } from '../../src/models/registry.ts';
import { optionGroups } from '../../src/options.ts';
import type { Snapshot } from '../../src/sampling/snapshot.ts';
import type { Split } from '../../src/sampling/split.ts';
import { writeSnapshot } from '../../src/sampling/store.ts';
import { loadVersion, type PublishedVersion } from '../../src/serving/published.ts';
import { type Ranking, rankingOf } from '../../src/serving/ranking.ts';
import { publish } from '../../src/serving/versions.ts';
import { runTraining } from '../../src/training/run.ts';

export interface Trained {
  readonly published: PublishedVersion;
  readonly ranking: Ranking;
  readonly seconds: number;
}

export interface Trainer {
  readonly kernels: Kernels;
  /** `name`: of a model, and behind a colon another loss than its own. The caller disposes of the ranking. */
  train(name: string, split: Split): Promise<Trained>;
  close(): Promise<void>;
}

export function openTrainer(snapshot: Snapshot, seed: number): Trainer {
  const kernels = openKernels();
  let tensors: Tensors | undefined;
  const home = mkdtempSync(join(tmpdir(), 'tastegraph-bench-'));
  writeSnapshot(home, snapshot);
  return {
    kernels,
    async train(name, split) {
      const [model, loss] = name.split(':');
      const definition = findModel(model!);
      if (definition.tensors === true) tensors ??= await openTensors({ device: 'auto', kernels });
      const result = await runTraining({
        definition,
        modelOptions: loss ? { loss } : {},
        snapshot,
        split,
        options: { ...optionGroups.training.parse({ metricsAt: [20], patience: 3 }), seed },
        kernels,
        ...(definition.tensors === true && { tensors: tensors! }),
        checkpoints: join(home, 'checkpoints'),
        report: () => {},
        signal: new AbortController().signal,
      });
      const published = loadVersion(home, (await publish(home, result)).id);
      return { published, ranking: rankingOf(published, kernels, tensors), seconds: result.seconds.fit };
    },
    async close() {
      tensors?.close();
      await kernels.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
