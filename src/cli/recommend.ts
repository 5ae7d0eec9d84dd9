import { openService, recommendFor } from '../pipeline.ts';
import { command } from './command.ts';
import { patientMs, recommendationLines } from './summaries.ts';

export default command('recommend', async (options, { words, run, print, paint }) => {
  const service = await openService(
    { home: options.home, version: options.version, graphTimeoutMs: patientMs },
    run,
    options,
  );
  try {
    const answer = await recommendFor(service, words[0]!, options);
    print(recommendationLines(answer, paint));
    const { explanations, items, ...about } = answer;
    // The whole attribution of each item is what `explain` prints.
    const told = items.map((item, place) => {
      const { reasons = [], paths = [] } = explanations[place] ?? {};
      return { ...item, reasons, paths };
    });
    return { ...about, items: told };
  } finally {
    await service.close();
  }
});
