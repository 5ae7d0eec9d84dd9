import { exportFiles } from '../pipeline.ts';
import { command } from './command.ts';
import { formatBytes, formatCount, formatSeconds, formatTable } from './terminal.ts';

export default command('export', async (options, { words, run, print, paint }) => {
  const exported = await exportFiles(words[0]!, options, run);
  const { folder, encoding, consistent, tables, published, seconds } = exported;
  const rows = tables.map(({ table, rows, bytes }) => [table, formatCount(rows), formatBytes(bytes)]);
  const lines = [
    `Exported to ${folder} (${encoding}) in ${formatSeconds(seconds)}`,
    '',
    formatTable(['', 'rows', 'size'], rows, paint, 2),
  ];
  if (published)
    lines.push('', `Embeddings of version ${published.version} (${published.model}, dim ${published.dim})`);
  if (!consistent) lines.push('', 'The graph changed while it was read: of that time, some changes may be missing');
  print(lines.join('\n'));
  return { ...exported };
});
