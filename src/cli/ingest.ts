import { ingestFiles } from '../pipeline.ts';
import { command } from './command.ts';

export default command('ingest', async (options, { words, run, print }) => {
  const summary = await ingestFiles(words[0]!, options, run);
  print(JSON.stringify(summary));
  return { ...summary };
});
