import { type KnownVersion, versionLineage } from '../pipeline.ts';
import { command } from './command.ts';
import { formatCount, formatTable, type Paint } from './terminal.ts';

const moment = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ');

function listLines(versions: readonly KnownVersion[], paint: Paint): string {
  const rows = versions.map(({ version, model, at, current, removedAt, stored, snapshot, follows, metrics }) => [
    current ? '→' : '',
    version,
    model,
    moment(at),
    snapshot?.digest.slice(0, 12) ?? '–',
    follows.at(-1)?.version ?? '–',
    Object.entries(metrics)
      .slice(0, 2)
      .map(([name, value]) => `${name} ${value.toFixed(4)}`)
      .join(', '),
    removedAt === undefined ? (stored ? '' : 'not in this home') : `removed ${moment(removedAt)}`,
  ]);
  return formatTable(['', 'version', 'model', 'published (UTC)', 'snapshot', 'follows', 'test part', ''], rows, paint);
}

function oneLines(one: KnownVersion, paint: Paint): string {
  const { snapshot, options, metrics } = one;
  const list = (values: Readonly<Record<string, unknown>>) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(', ');
  const times = (ties: KnownVersion['follows']) =>
    ties.map(({ version, at }) => `${version} (${moment(at)})`).join(', ') || 'none';
  const rows = [
    ['model', `${one.model}, seed ${one.seed}, ${one.dim} wide`],
    ['options', list(options)],
    ['test part', list(metrics)],
    ['trained on', snapshot ? `snapshot ${snapshot.digest.slice(0, 12)}, as of ${moment(snapshot.asOf)}` : 'unknown'],
    [
      '',
      snapshot
        ? `${formatCount(snapshot.users)} users, ${formatCount(snapshot.items)} items, ${formatCount(snapshot.interactions)} interactions`
        : '',
    ],
    ['also trained on it', one.siblings.join(', ') || 'none'],
    ['current', `${one.current ? 'now; ' : ''}since ${one.publishedAt.map(moment).join(', ') || 'never'}`],
    ['follows', times(one.follows)],
    ['followed by', times(one.followedBy)],
    ['vectors', one.slots.map(({ slot }) => slot).join(', ') || 'not in the graph any more, or the model has none'],
    [
      'files',
      one.removedAt === undefined ? (one.stored ? 'here' : 'not in this home') : `removed ${moment(one.removedAt)}`,
    ],
  ];
  return `${paint.bold(one.version)}\n\n${formatTable(['', ''], rows, paint, 2)}`;
}

export default command('lineage', async (options, { words, run, print, paint }) => {
  const versions = await versionLineage(words[0], options, run);
  if (versions.length === 0) print('The graph knows no version yet: one that is trained on it is written to it');
  else print(words[0] === undefined ? listLines(versions, paint) : oneLines(versions[0]!, paint));
  return { versions };
});
