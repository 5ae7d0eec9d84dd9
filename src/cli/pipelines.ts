import { TastegraphError } from '../errors.ts';
import { fitPipeline, listPipelines, openService, pipelineWarnings, sentenceOfWarning } from '../pipeline.ts';
import { command } from './command.ts';
import { formatCount, formatTable } from './terminal.ts';

export default command('pipelines', async (options, { words, run, print, paint }) => {
  const [action = 'list', name = 'default'] = words;
  if (action !== 'list' && action !== 'fit') {
    const details = { name: action, where: "'tastegraph pipelines'", hint: '', known: 'list fit' };
    throw new TastegraphError('options/unknown', details);
  }
  const { home, version, pipelines: declared, seed } = options;
  const service = await openService({ home, version, pipelines: declared }, run, options);
  try {
    if (action === 'list') {
      const pipelines = listPipelines(service);
      const rows = pipelines.map(({ name: known, sources, fuse, rank, rerank }) => [
        paint.cyan(known),
        sources.map(({ name: called, kind }) => called ?? kind).join(', '),
        fuse.kind,
        rank.by,
        rerank.map(({ kind }) => kind).join(', '),
      ]);
      print(formatTable(['pipeline', 'sources', 'fuse', 'rank', 'rerank'], rows, paint));
      const warnings = await pipelineWarnings(service);
      if (warnings.length > 0) print('');
      for (const warning of warnings) print(paint.red(sentenceOfWarning(warning)));
      return { pipelines, warnings };
    }
    const fitted = await fitPipeline(service, name, seed);
    const { users, part, recallAt20 } = fitted;
    print(`Fitted on ${formatCount(users)} users of the ${part} part; put it into pipelines.${name}.fuse:\n`);
    print(JSON.stringify(fitted.fuse, undefined, 2));
    const shown = [
      ['reciprocal-rank', recallAt20.reciprocalRank.toFixed(4)],
      ['learned', recallAt20.learned.toFixed(4)],
    ];
    print(`\n${formatTable(['on other users', 'recall@20'], shown, paint, 2)}`);
    return { ...fitted };
  } finally {
    await service.close();
  }
});
