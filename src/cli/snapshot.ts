import { type Reading, takeSnapshot } from '../pipeline.ts';
import { command } from './command.ts';
import { formatCount, formatSeconds, formatTable } from './terminal.ts';

export default command('snapshot', async (options, { run, print, paint }) => {
  const { snapshot, folder, data, reading, seconds } = await takeSnapshot(options, run);
  const counts = {
    users: snapshot.users.count,
    items: snapshot.items.count,
    features: snapshot.features.count,
    interactions: snapshot.interactions.count,
    trust: snapshot.relation('user-user').indices.length,
  };
  const rate = Math.round(counts.interactions / seconds.take);
  const rows = Object.entries(counts).map(([name, count]) => [name, formatCount(count)]);
  const how = reading ? `\n${readingLine(reading)}` : '';
  print(`Snapshot of ${data}, taken in ${formatSeconds(seconds.take)} (${formatCount(rate)} interactions/s), stored in ${formatSeconds(seconds.store)}${how}

${formatTable(['', ''], rows, paint, 2)}

${paint.dim(folder)}`);
  const asOf = new Date(snapshot.asOf).toISOString();
  return { digest: snapshot.digest, folder, data, asOf, reading, counts, seconds, rate };
});

/** What was read for it. */
function readingLine(reading: Reading): string {
  if (reading.kind === 'full') return reading.reason ? `All was read: ${reading.reason}` : 'All was read';
  const { users, items, removed } = reading.read;
  return `${reading.base.slice(0, 12)} brought up to date: ${formatCount(users)} users and ${formatCount(items)} items read again, ${formatCount(removed)} removed`;
}
