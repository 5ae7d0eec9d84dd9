import { databaseStatus, publishedVersions, storedSnapshots } from '../pipeline.ts';
import { command } from './command.ts';
import { databaseLines } from './summaries.ts';
import { formatCount, formatTable } from './terminal.ts';

export default command('status', async (options, { print, paint }) => {
  const [database, snapshots, versions] = await Promise.all([
    databaseStatus(options),
    storedSnapshots(options),
    publishedVersions(options),
  ]);
  const current = versions.find((version) => version.current)?.manifest;
  const latest = snapshots[0];
  const rows = [
    [
      'Snapshots',
      snapshots.length === 0
        ? 'none'
        : `${snapshots.length}, the newest ${latest!.digest.slice(0, 12)} of ${new Date(latest!.asOf).toISOString().slice(0, 19)} (${formatCount(latest!.counts.interactions)} interactions)`,
    ],
    [
      'Versions',
      versions.length === 0
        ? 'none'
        : `${versions.length}, ${current ? `current ${current.id} (${current.model})` : 'none of them current'}`,
    ],
  ];
  print(`${databaseLines(database, paint)}\n${formatTable(['', ''], rows, paint)}`);
  return {
    database,
    snapshots: snapshots.map(({ digest, asOf, source, counts }) => ({
      digest,
      asOf: new Date(asOf).toISOString(),
      source,
      counts,
    })),
    versions: versions.length,
    current: current?.id,
  };
});
