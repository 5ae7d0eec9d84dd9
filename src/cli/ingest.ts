import { ingestFiles } from '../pipeline.ts';
import { command } from './command.ts';
import { ingestLines } from './summaries.ts';

export default command('ingest', async (options, { words, run, print, paint }) => {
  const summary = await ingestFiles(words, options, run);
  print(ingestLines(summary, paint));
  return { ...summary };
});
