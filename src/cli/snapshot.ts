import { takeSnapshot } from '../pipeline.ts';
import { command } from './command.ts';
import { formatCount, formatSeconds, formatTable } from './terminal.ts';

export default command('snapshot', async (options, { run, print, paint }) => {
  const { snapshot, folder, data, seconds } = await takeSnapshot(options, run);
  const counts = {
    users: snapshot.users.count,
    items: snapshot.items.count,
    features: snapshot.features.count,
    interactions: snapshot.interactions.count,
    trust: snapshot.relation('user-user').indices.length,
  };
  const rate = Math.round(counts.interactions / seconds.take);
  const rows = Object.entries(counts).map(([name, count]) => [name, formatCount(count)]);
  print(`Snapshot of ${data}, taken in ${formatSeconds(seconds.take)} (${formatCount(rate)} interactions/s), stored in ${formatSeconds(seconds.store)}

${formatTable(['', ''], rows, paint, 2)}

${paint.dim(folder)}`);
  return { digest: snapshot.digest, folder, data, asOf: new Date(snapshot.asOf).toISOString(), counts, seconds, rate };
});
