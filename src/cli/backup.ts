import { backUp } from '../pipeline.ts';
import { command } from './command.ts';
import { backupLines } from './summaries.ts';

export default command('backup', async (options, { words, run, print, paint }) => {
  const summary = await backUp(words[0]!, options, run);
  print(backupLines('Backed up', summary, paint));
  return { ...summary };
});
