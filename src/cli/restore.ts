import { restore } from '../pipeline.ts';
import { command } from './command.ts';
import { backupLines } from './summaries.ts';

export default command('restore', async (options, { words, run, print, paint }) => {
  const summary = await restore(words[0]!, options, run);
  print(backupLines('Restored, all checksums and counts compared', summary, paint));
  return { ...summary };
});
