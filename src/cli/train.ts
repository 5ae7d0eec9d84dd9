import { z } from 'zod';
import { findModel, listModels } from '../models/registry.ts';
import { commandOptions, type TrainingOptions } from '../options.ts';
import { train } from '../pipeline.ts';
import type { SamplingRecord } from '../training/result.ts';
import { command } from './command.ts';
import { metricsTable } from './summaries.ts';
import { formatCount, formatSeconds } from './terminal.ts';

/** What the model knows of beside what every training takes. */
const schemaOf = (shapes: readonly z.ZodRawShape[]): z.ZodObject =>
  z.strictObject(Object.assign({}, commandOptions.train.shape, ...shapes) as z.ZodRawShape);

export default command(
  'train',
  async (resolved, { words, run, print, paint }) => {
    const definition = findModel(words[0]!);
    const own = Object.keys(definition.options.shape);
    const entries = Object.entries(resolved);
    const modelOptions = Object.fromEntries(entries.filter(([key]) => own.includes(key)));
    const {
      run: id,
      result,
      data,
      version,
      threads,
      kernels,
      device,
      reason,
    } = await train(definition, modelOptions, resolved, {
      ...run,
      onPoint: ({ epoch, loss, seconds, valid }) => {
        const metrics = Object.entries(valid ?? {}).filter(([name]) => /^(recall|ndcg)@/.test(name));
        const shown = metrics.map(([name, value]) => `${name} ${value.toFixed(4)}`).join('  ');
        print(
          `epoch ${String(epoch).padStart(3)}  ${formatSeconds(seconds).padStart(8)}  ${loss === undefined ? '' : `loss ${loss.toFixed(4)}  `}${shown}`,
        );
      },
    });
    const { model, seed, epochs, seconds, valid, test, popularity, options, snapshot, split, sampling } = result;
    const pairs = result.train;
    const peakMb = Math.round(process.resourceUsage().maxRSS / 1024);
    const chosen = Object.keys(valid).length > 0 ? ', the best on validation' : '';
    const stopped =
      result.curve[0]?.loss === undefined ? 'Fitted in closed form' : `${formatCount(epochs)} epochs${chosen}`;
    const lines = [
      '',
      `${paint.bold(model)} on ${data}: ${formatCount(pairs.indices.length)} pairs of ${formatCount(pairs.rows)} users and ${formatCount(pairs.cols)} items, split '${split}', seed ${seed}`,
      `${stopped}; ${formatSeconds(seconds.fit)} of training, ${formatSeconds(seconds.evaluate)} of evaluation on ${threads} threads (${kernels})${device ? `, tensors on ${device} (${reason})` : ''}, ${formatCount(peakMb)} MiB at most`,
      ...(sampling.batches > 0 ? [sampledLine(sampling, resolved)] : []),
      '',
      metricsTable(test, popularity, paint),
      ...(version ? ['', `Published as ${paint.bold(version)}`] : []),
    ];
    print(lines.join('\n'));
    return {
      run: id,
      model,
      data,
      seed,
      epochs,
      seconds,
      sampling,
      valid,
      test,
      popularity,
      options,
      snapshot,
      split,
      version,
      threads,
      kernels,
      device,
      reason,
      peakMb,
    };
  },
  async ([name]) => {
    if (name === undefined) return schemaOf(listModels().map(({ options }) => options.shape));
    const { options } = findModel(name);
    // What the model says of its options together.
    return schemaOf([options.shape]).superRefine((values, { addIssue }) => {
      const own = Object.fromEntries(Object.keys(options.shape).map((key) => [key, values[key]]));
      for (const { path, message } of options.safeParse(own).error?.issues ?? []) {
        addIssue({ code: 'custom', path, message });
      }
    });
  },
);

/** Who drew the batches, and whether the training had to wait for them. */
function sampledLine(
  { batches, drew, waited }: SamplingRecord,
  { source, samplers }: Pick<TrainingOptions, 'source' | 'samplers'>,
): string {
  const threads = samplers === 0 ? 'by the training itself' : `on ${samplers} thread${samplers === 1 ? '' : 's'}`;
  const by = source === 'neo4j' ? 'by Neo4j' : threads;
  return `${formatCount(batches)} batches drawn in ${formatSeconds(drew)} ${by}; the training waited ${formatSeconds(waited)} for them`;
}
