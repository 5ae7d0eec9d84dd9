import { openService } from '../pipeline.ts';
import { command } from './command.ts';
import { formatTable } from './terminal.ts';

export default command('similar', async ({ home, version, limit }, { words, run, print, paint }) => {
  const item = words[0]!;
  const service = await openService({ home, version }, run);
  try {
    const items = service.recommender.similar(item, { limit });
    const rows = items.map(({ id, title, score }, place) => [String(place + 1), title, id, score.toFixed(3)]);
    print(formatTable(['', `like ${item}`, 'item', 'likeness'], rows, paint));
    return { item, version: service.recommender.version.id, items };
  } finally {
    await service.close();
  }
});
