import { itemsNearInGraph, openService, openServiceFor, similarItems } from '../pipeline.ts';
import { command } from './command.ts';
import { patientMs, unseenLine } from './summaries.ts';
import { formatTable } from './terminal.ts';

export default command('similar', async (options, { words, run, print, paint }) => {
  const { home, version, limit, filter, index, from } = options;
  const item = words[0]!;
  const about = { home, version, index, graphTimeoutMs: patientMs };
  const isIndexed = from === 'neo4j';
  const needsGraph = isIndexed || index === 'neo4j';
  const service = await (needsGraph ? openService(about, run, options) : openServiceFor(item, about, run, options));
  try {
    const answer = await similarItems(service, item, { limit, filter });
    if (!isIndexed) {
      const rows = answer.items.map(({ id, title, score }, place) => [String(place + 1), title, id, score.toFixed(3)]);
      print(formatTable(['', `like ${answer.title}`, 'item', 'likeness'], rows, paint));
      if (answer.unseen) print(paint.dim(unseenLine(answer.unseen)));
      return { ...answer };
    }
    const near = await itemsNearInGraph(service, item, { limit });
    const places = new Map(answer.items.map(({ id }, place) => [id, place + 1]));
    const items = near.map((one) => ({ ...one, exactPlace: places.get(one.id) }));
    const rows = items.map(({ id, title, score, exactPlace }, place) => [
      String(place + 1),
      title,
      id,
      score.toFixed(3),
      String(exactPlace ?? '–'),
    ]);
    print(formatTable(['', `like ${answer.title}`, 'item', 'cosine', 'exact place'], rows, paint));
    const found = items.filter(({ exactPlace }) => exactPlace !== undefined).length;
    print(paint.dim(`The index found ${found} of the ${answer.items.length} that are nearest`));
    return { ...answer, items, exact: answer.items };
  } finally {
    await service.close();
  }
});
