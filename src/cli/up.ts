import { startDatabase } from '../pipeline.ts';
import { command } from './command.ts';
import { databaseLines } from './summaries.ts';

export default command('up', async (options, { run, print, paint }) => {
  const database = await startDatabase(options, run);
  print(databaseLines(database, paint));
  return { ...database };
});
