import { explainFor, openService, ruleRequest, whyNotFor } from '../pipeline.ts';
import { command } from './command.ts';
import { whyNotLines } from './pipelineLines.ts';
import { patientMs } from './summaries.ts';
import { formatTable } from './terminal.ts';

/** Parts of a score that are shown to a person; the rest is summed up, and --json has them all. */
const shownParts = 8;

export default command('explain', async (options, { words, run, print, paint }) => {
  const [user, item] = words as readonly [string, string];
  const rules = await ruleRequest(options.rule, options.ruleTimeoutMs);
  const service = await openService(
    {
      home: options.home,
      version: options.version,
      pipelines: options.pipelines,
      anonymity: options.anonymity,
      graphTimeoutMs: patientMs,
    },
    run,
    options,
  );
  try {
    if (options.whyNot) {
      const answer = await whyNotFor(service, user, item, { ...options, seed: String(options.seed) });
      print(whyNotLines(answer, paint));
      return { ...answer };
    }
    const explanation = await explainFor(service, user, item, rules);
    const { title, score, attribution, unattributed, reasons, graph } = explanation;
    print(`${paint.bold(title)} for user ${user}: score ${score.toFixed(4)}\n`);
    for (const reason of reasons) print(`  ${reason}`);
    if (attribution) {
      const { parts, ownVector, popularity, error } = attribution;
      const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
      const rest = parts
        .slice(shownParts)
        .reduce((sum, { part, share }) => ({ part: sum.part + part, share: sum.share + Math.abs(share) }), {
          part: 0,
          share: 0,
        });
      const rows = parts.slice(0, shownParts).map((part) => [part.title, part.part.toFixed(4), percent(part.share)]);
      if (parts.length > shownParts)
        rows.push([`${parts.length - shownParts} other interactions`, rest.part.toFixed(4), percent(rest.share)]);
      rows.push(['how widely it is chosen (no interaction)', popularity.part.toFixed(4), percent(popularity.share)]);
      rows.push(['own vector (no interaction)', ownVector.part.toFixed(4), percent(ownVector.share)]);
      print(
        `\n${formatTable(['part of the score', 'part', 'share'], rows, paint, 2)}\n\n  ${paint.dim(`The parts sum to the score within ${Math.abs(error).toExponential(0)}`)}`,
      );
    }
    if (unattributed) print(paint.dim(`\n  ${unattributed}`));
    if (graph === 'unreachable') print(paint.dim('\n  The graph did not answer: there is no evidence from it'));
    return { ...explanation };
  } finally {
    await service.close();
  }
});
