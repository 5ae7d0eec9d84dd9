import { stopDatabase } from '../pipeline.ts';
import { command } from './command.ts';

export default command('down', async (options, { print }) => {
  const stopped = await stopDatabase(options);
  print(stopped ? 'The managed Neo4j is stopped' : `No managed Neo4j runs in ${options.home}`);
  return { stopped };
});
