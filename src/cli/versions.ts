import { TastegraphError } from '../errors.ts';
import { promoteVersion, publishedVersions, removeVersion, rollbackVersion } from '../pipeline.ts';
import { command } from './command.ts';
import { formatTable } from './terminal.ts';

export default command('versions', async (options, { run, print, paint }) => {
  if (options.promote !== undefined && options.rollback) {
    const problem = 'it goes without --promote: say either which version, or that it shall be the one before';
    throw new TastegraphError('options/invalid', {
      name: '--rollback',
      where: 'the command line',
      problem,
      given: 'both',
    });
  }
  if (options.promote !== undefined) await promoteVersion(options.promote, options, run);
  if (options.rollback) await rollbackVersion(options, run);
  if (options.remove !== undefined) await removeVersion(options.remove, options, run);
  const versions = (await publishedVersions(options)).map(({ manifest, current }) => {
    const { id, at, model, snapshot, split, seed, epochs, users, items, test, popularity, forgotten } = manifest;
    return {
      id,
      current,
      at: new Date(at).toISOString(),
      model,
      snapshot,
      split,
      seed,
      epochs,
      users,
      items,
      test,
      popularity,
      // Of how many who were forgotten since it knows what it learned from them.
      learnedFromForgotten: forgotten?.length ?? 0,
    };
  });
  if (versions.length === 0)
    print(`Nothing is published in ${options.home} yet. Train a model: ${paint.cyan('tastegraph train lightgcn')}`);
  else {
    const metric = (test: Readonly<Record<string, number>>, name: string) =>
      Object.entries(test)
        .filter(([key]) => key.startsWith(name))
        .at(-1)?.[1]
        .toFixed(4) ?? '–';
    const rows = versions.map((version) => [
      version.current ? '→' : '',
      version.id,
      version.model,
      version.at.slice(0, 19).replace('T', ' '),
      metric(version.test, 'recall@'),
      metric(version.test, 'ndcg@'),
      version.snapshot.slice(0, 12),
      version.learnedFromForgotten > 0 ? `learned from ${version.learnedFromForgotten} who were forgotten` : '',
    ]);
    print(formatTable(['', 'version', 'model', 'published (UTC)', 'recall', 'ndcg', 'snapshot', ''], rows, paint));
  }
  return { current: versions.find(({ current }) => current)?.id, versions };
});
