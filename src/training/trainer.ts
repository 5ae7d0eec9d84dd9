import { join } from 'node:path';
import { TastegraphError } from '../errors.ts';
import type { Model, ModelDefinition } from '../models/model.ts';
import { BatchFeed } from '../sampling/feed.ts';
import { type StreamCounters, totalOf } from '../sampling/stream.ts';
import type { Checkpoints, RunState } from './checkpoints.ts';
import { type Judge, judgeOf } from './judge.ts';
import { memoryLimits, memoryNeed, requireMemory } from './memory.ts';
import { DenseParameters } from './parameters.ts';
import type { CurvePoint, Metrics, SamplingRecord } from './result.ts';
import type { TrainingRun } from './run.ts';
import { rateAt } from './schedule.ts';
import { EmbeddingStore, storePlace } from './store.ts';

/** Time between two looks at the event loop, where an interrupt or a bar waits. */
const YIELD_MS = 100;

/** Most of the time that goes into checkpoints: small trainings write one an epoch, so that a stop costs next to nothing. */
const CHECKPOINT_SHARE = 0.02;

/** One run as it goes: the model at hand, what was best, how long it took. */
export class Trainer {
  model: Model | undefined;
  best: RunState['best'];
  epoch = 0;
  readonly curve: CurvePoint[];
  readonly seconds: { fit: number; evaluate: number };
  readonly #run: TrainingRun;
  readonly #modelOptions: Readonly<Record<string, unknown>>;
  readonly #checkpoints: Checkpoints;
  readonly #judge: Judge;
  /** What the checkpoint holds that is not yet taken over. */
  #resumed: ReturnType<Checkpoints['load']>;
  #store: EmbeddingStore | undefined;
  #parameters: DenseParameters | undefined;
  #feed: BatchFeed | undefined;
  /** Of the phases before the present one. */
  #sampled = totalOf([]);
  /** Tables of the best epoch, where there will be no refit. */
  #bestTables = new Map<string, Float32Array>();
  #saved = performance.now();
  /** What the last checkpoint took, ms. */
  #saving = 0;

  constructor(
    run: TrainingRun,
    modelOptions: Readonly<Record<string, unknown>>,
    checkpoints: Checkpoints,
    resumed: ReturnType<Checkpoints['load']>,
  ) {
    this.#run = run;
    this.#modelOptions = modelOptions;
    this.#checkpoints = checkpoints;
    this.#resumed = resumed;
    const { kernels, split, options, signal } = run;
    this.#judge = judgeOf({ kernels, split, at: options.metricsAt, signal });
    this.best = resumed?.state.best;
    this.curve = [...(resumed?.state.curve ?? [])];
    this.seconds = { ...(resumed?.state.seconds ?? { fit: 0, evaluate: 0 }) };
  }

  /** Trains on the training part until validation stops rising. */
  async search(): Promise<void> {
    if (this.#resumed?.state.phase === 'refit') return;
    const { options } = this.#run;
    const { watches, watched } = this.#judge;
    await this.#start('search');
    if (this.model!.fit) return await this.#fitOnce();
    while (this.epoch < options.epochs) {
      const last = this.curve.findLast((point) => point.valid);
      const waited = (last?.epoch ?? 0) - (this.best?.epoch ?? 0);
      if (watches && waited >= options.patience * options.evaluateEvery) break;
      const loss = await this.#trainEpoch('search', options.epochs);
      const due = watches && (this.epoch % options.evaluateEvery === 0 || this.epoch === options.epochs);
      const valid = due ? await this.evaluate((judge) => judge.validate(this.model!)) : undefined;
      if (valid && (!this.best || valid[watched]! > this.best.valid[watched]!)) {
        await this.#take(valid);
        await this.#keepBest(!options.refit);
      }
      this.#point({ epoch: this.epoch, loss, seconds: this.seconds.fit, ...(valid ? { valid } : {}) });
      await this.#save('search');
    }
    if (!options.refit && this.#bestTables.size > 0) {
      for (const [name, array] of this.#state()) array.set(this.#bestTables.get(`best.${name}`)!);
      this.#store!.restored();
      this.model!.refilled?.();
    }
    await this.#save('search', true);
  }

  /** Trains anew on training and validation together, for as many epochs as were best. */
  async refit(): Promise<void> {
    const epochs = this.best?.epoch ?? this.epoch;
    await this.#start('refit');
    if (this.model!.fit) return await this.#fit();
    while (this.epoch < epochs) {
      await this.#trainEpoch('refit', epochs);
      await this.#save('refit');
    }
    await this.#save('refit', true);
  }

  /** In closed form there is one epoch, and nothing to stop early. */
  async #fitOnce(): Promise<void> {
    await this.#fit();
    const valid = this.#judge.watches ? await this.evaluate((judge) => judge.validate(this.model!)) : undefined;
    if (valid) await this.#take(valid);
    this.#point({ epoch: 1, seconds: this.seconds.fit, ...(valid ? { valid } : {}) });
  }

  async #fit(): Promise<void> {
    const { report, signal } = this.#run;
    const started = performance.now();
    await this.#interruptible(this.model!.fit!(report, signal));
    this.epoch = 1;
    this.seconds.fit += (performance.now() - started) / 1000;
  }

  /** The present epoch is the best so far. Its calibration holds for a refit too, which leaves no rows to fit one on. */
  async #take(valid: Metrics): Promise<void> {
    const calibration = await this.evaluate(async (judge) => judge.calibrate?.(this.model!));
    this.best = { epoch: this.epoch, valid, ...(calibration && { calibration }) };
  }

  async evaluate<T>(ask: (judge: Judge) => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await this.#interruptible(ask(this.#judge));
    } finally {
      this.seconds.evaluate += (performance.now() - started) / 1000;
    }
  }

  /** How batches came, in all phases. */
  sampling(): SamplingRecord {
    const { batches, takerWaited, workersWaited, drew } = this.#counters();
    return { batches, waited: takerWaited / 1000, idle: workersWaited / 1000, drew: drew / 1000 };
  }

  async dispose(): Promise<void> {
    this.#sampled = this.#counters();
    await this.#feed?.close();
    this.#feed = undefined;
    this.model?.dispose();
    this.#store?.dispose();
    this.#parameters?.dispose();
    this.model = undefined;
  }

  /** A new model for a phase, or the one that the checkpoint holds. */
  async #start(phase: RunState['phase']): Promise<void> {
    await this.dispose();
    const { definition, snapshot, split, options, kernels, tensors, live, signal } = this.#run;
    const part = phase === 'refit' ? 'fit' : 'train';
    const of = { snapshot, train: split[part], options: this.#modelOptions };
    this.#requireMemory(of as Parameters<ModelDefinition['memory']>[0]);
    const tables = join(this.#checkpoints.folder, `tables-${phase}`);
    this.#store = new EmbeddingStore(kernels, options.seed, storePlace(options, tables));
    this.#parameters = new DenseParameters(kernels, options.seed);
    this.#feed = new BatchFeed({ snapshot, train: split[part], workers: options.samplers, live, signal });
    const context = {
      ...of,
      seed: options.seed,
      kernels,
      store: this.#store,
      parameters: this.#parameters,
      pace: {
        rate: (step: number) => rateAt(step, options.epochs * this.model!.trained!.stepsPerEpoch, options),
        clipNorm: options.clipNorm,
      },
      feed: this.#feed,
      ...(split.rows && { rows: split.rows[part] }),
      ...(tensors && { tensors }),
    };
    this.model = definition.create(context as Parameters<typeof definition.create>[0]);
    this.epoch = 0;
    if (this.#resumed?.state.phase !== phase) return;
    this.epoch = this.#resumed.state.epoch;
    if (this.best && !this.#run.options.refit) await this.#keepBest(true);
    this.#resumed.restore(this.#arrays());
    this.#store.restored();
    this.model.refilled?.();
    this.#resumed = undefined;
  }

  async #trainEpoch(phase: RunState['phase'], epochs: number): Promise<number> {
    const { report, signal, options } = this.#run;
    const { stepsPerEpoch, step } = this.model!.trained!;
    const { watched } = this.#judge;
    if (signal.aborted) throw new TastegraphError('training/interrupted');
    const best = this.best ? `, best ${watched} ${this.best.valid[watched]!.toFixed(4)} at ${this.best.epoch}` : '';
    let loss = 0;
    let told = { step: 0, loss: 0 };
    const tell = (done: number): void => {
      if (done === told.step) return;
      const mean = (loss - told.loss) / (done - told.step);
      this.#run.onLoss?.({ phase, epoch: this.epoch + done / stepsPerEpoch, loss: mean });
      told = { step: done, loss };
    };
    let resting = performance.now();
    const started = resting;
    for (let s = 0; s < stepsPerEpoch; s++) {
      const mean = await this.#interruptible(step(this.epoch, s));
      if (!Number.isFinite(mean)) {
        const details = {
          loss: String(mean),
          epoch: this.epoch + 1,
          step: s + 1,
          checkpoint: this.#checkpoints.folder,
        };
        throw new TastegraphError('model/diverged', details);
      }
      loss += mean;
      if (performance.now() - resting < YIELD_MS) continue;
      report({
        phase: `${phase === 'refit' ? 'refit' : 'training'}, epoch ${this.epoch + 1} of ${phase === 'refit' ? epochs : `at most ${options.epochs}`}`,
        done: this.epoch * stepsPerEpoch + s + 1,
        total: epochs * stepsPerEpoch,
        unit: 'steps',
        note: `loss ${(loss / (s + 1)).toFixed(4)}${best}`,
      });
      tell(s + 1);
      await new Promise(setImmediate);
      if (signal.aborted) throw new TastegraphError('training/interrupted');
      resting = performance.now();
    }
    tell(stepsPerEpoch);
    this.epoch++;
    this.seconds.fit += (performance.now() - started) / 1000;
    return loss / stepsPerEpoch;
  }

  /** What stopped because it was told to, says so. */
  async #interruptible<T>(work: T | Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      throw this.#run.signal.aborted ? new TastegraphError('training/interrupted', {}, thrown) : thrown;
    }
  }

  #counters(): StreamCounters {
    return totalOf([this.#sampled, this.#feed?.counters()]);
  }

  #point(point: CurvePoint): void {
    this.curve.push(point);
    this.#run.onPoint?.(point);
  }

  async #keepBest(keep: boolean): Promise<void> {
    if (!keep) return;
    await this.model!.bringBack?.();
    this.#store!.flush();
    for (const [name, array] of this.#state()) this.#bestTables.set(`best.${name}`, array.slice());
  }

  /** Copies of all parameters, by name: what the model is made of again. */
  parameters(): ReadonlyMap<string, Float32Array> {
    const dense = this.#parameters!.all.map(({ name, values }) => [name, values.slice()] as const);
    return new Map([...this.#store!.parameters(), ...dense]);
  }

  /** Refuses what memory will not hold. Errors: training/too-little-memory. */
  #requireMemory(of: Parameters<ModelDefinition['memory']>[0]): void {
    const { definition, options, kernels } = this.#run;
    const { tables, batchBytes } = definition.memory(of);
    const onDisk = options.embeddings === 'disk' ? { cacheBytes: options.cacheMb * 2 ** 20 } : {};
    const plan = { tables: tables.map((table) => ({ ...table, ...onDisk })), batchBytes, keepsBest: !options.refit };
    // The snapshot is there already.
    requireMemory(memoryNeed({ ...plan, snapshotBytes: 0 }), memoryLimits(kernels));
  }

  /** Everything that a checkpoint keeps of the model. The arrays themselves. */
  #state(): ReadonlyMap<string, Float32Array> {
    return new Map([...this.#store!.state(), ...this.#parameters!.state()]);
  }

  #arrays(): ReadonlyMap<string, Float32Array> {
    return new Map([...this.#state(), ...this.#bestTables]);
  }

  async #save(phase: RunState['phase'], always = false): Promise<void> {
    const { checkpointSeconds = 15 } = this.#run;
    const started = performance.now();
    const least = Math.min(checkpointSeconds * 1000, this.#saving / CHECKPOINT_SHARE);
    if (!always && started - this.#saved < least) return;
    const { best, curve, seconds, epoch } = this;
    await this.model!.bringBack?.();
    this.#store!.flush();
    this.#checkpoints.save({ phase, epoch, best, curve, seconds }, this.#arrays());
    const kept = [...this.#bestTables].map(([name, array]) => [name.slice('best.'.length), array] as const);
    this.#store!.settle(new Map(kept));
    this.#saved = performance.now();
    this.#saving = this.#saved - started;
  }
}
