import { type Reconciled, reconcileGraph } from '../pipeline.ts';
import { command } from './command.ts';
import { formatCount, formatTable, type Paint } from './terminal.ts';

export default command('reconcile', async (options, { run, print, paint }) => {
  const { snapshot, folder, compared, flaws } = await reconcileGraph(options, run);
  print([...comparedLines(compared, paint), ...flawLines(flaws), paint.dim(folder)].join('\n'));
  return { digest: snapshot.digest, folder, compared, flaws };
});

function comparedLines(compared: Reconciled['compared'], paint: Paint): string[] {
  if (!compared) return ['There was no earlier snapshot of this graph to compare with. This one is the first', ''];
  const { base, marked, unmarked } = compared;
  const ways = ['added', 'removed', 'changed'] as const;
  const rows = Object.entries(unmarked).map(([name, found]) => [
    name,
    ...ways.map((way) => formatCount(found[way].count)),
  ]);
  const samples = Object.entries(unmarked).flatMap(([name, found]) =>
    ways.flatMap((way) => found[way].samples.map((sample) => `  ${name} ${way}: ${JSON.stringify(sample)}`)),
  );
  const differs = rows.some(([, ...counts]) => counts.some((count) => count !== '0'));
  return [
    `Since ${base.slice(0, 12)}, marks tell of ${formatCount(marked.users)} users and ${formatCount(marked.items)} items, and of ${formatCount(marked.removed)} removed`,
    '',
    ...(differs
      ? ['Written without a mark, and marked now:', '', formatTable(['', ...ways], rows, paint, 2), '', ...samples, '']
      : ['Nothing was written without a mark', '']),
  ];
}

function flawLines({ incomplete, elsewhere, repeated }: Reconciled['flaws']): string[] {
  const lines = Object.entries(incomplete)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${formatCount(count)} ${name} lack properties that they need`);
  if (elsewhere > 0)
    lines.push(`${formatCount(elsewhere)} interactions are between other nodes than a user and an item`);
  if (repeated.surplus > 0) {
    lines.push(
      `${formatCount(repeated.surplus)} interactions repeat another one of the same user, item, type and time:`,
    );
    for (const sample of repeated.samples) lines.push(`  ${JSON.stringify(sample)}`);
  }
  return lines.length > 0 ? [...lines, ''] : [];
}
