/** What `explain` says to a person. */
import type { Explanation } from '../explain/explainer.ts';
import type { ChangeAnswer, ConnectionAnswer, ContrastAnswer, CounterfactualAnswer } from '../pipeline.ts';
import { formatTable, type Paint } from './terminal.ts';

/** Rows that are shown; the rest is summed up, and --json has them all. */
const shown = 8;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const indented = (sentences: readonly string[]): string => sentences.map((sentence) => `  ${sentence}`).join('\n');

export function explanationLines(
  { title, user, score, attribution, unattributed, reasons, graph }: Explanation,
  paint: Paint,
): string {
  const lines = [`${paint.bold(title)} for user ${user}: score ${score.toFixed(4)}`, '', indented(reasons)];
  if (attribution) {
    const { method, fidelity, parts, ownVector, popularity, error } = attribution;
    const left = parts.slice(shown);
    const rest = left.reduce(
      (sum, { part, share }) => ({ part: sum.part + part, share: sum.share + Math.abs(share) }),
      { part: 0, share: 0 },
    );
    const rows = parts.slice(0, shown).map((part) => [part.title, part.part.toFixed(4), percent(part.share)]);
    if (left.length > 0) rows.push([`${left.length} other interactions`, rest.part.toFixed(4), percent(rest.share)]);
    rows.push(['how widely it is chosen (no interaction)', popularity.part.toFixed(4), percent(popularity.share)]);
    rows.push(['own vector (no interaction)', ownVector.part.toFixed(4), percent(ownVector.share)]);
    const note =
      method === 'exact'
        ? `The parts sum to the score within ${Math.abs(error).toExponential(0)}`
        : `By ${method}: the parts miss the score by ${error.toPrecision(3)}; what was taken apart correlates with it by ${fidelity.toFixed(3)}`;
    lines.push('', formatTable(['part of the score', 'part', 'share'], rows, paint, 2), '', `  ${paint.dim(note)}`);
  }
  if (unattributed) lines.push('', paint.dim(`  ${unattributed}`));
  if (graph === 'unreachable') lines.push('', paint.dim('  The graph did not answer: there is no evidence from it'));
  return lines.join('\n');
}

export function counterfactualLines(
  { sentences, rank, rankThen, limit, smallest, found, checks, retrained }: CounterfactualAnswer,
  paint: Paint,
): string {
  const places = found ? `place ${rank} now, ${rankThen} then` : `place ${rank}`;
  const tried = found ? (smallest ? ', and no smaller set does' : ', and no smaller one was found') : '';
  const trained = retrained ? `; trained anew in ${retrained.seconds.toFixed(1)} s` : '';
  return `\n${indented(sentences)}\n  ${paint.dim(`${places}, of the first ${limit}${tried} (${checks} lists made anew${trained})`)}`;
}

export function contrastLines({ sentence, above, below, parts, ...rest }: ContrastAnswer, paint: Paint): string {
  const rows = parts.slice(0, shown).map(({ title, difference }) => [title, difference.toFixed(4)]);
  rows.push(['how widely they are chosen', rest.popularity.toFixed(4)], ['own vector', rest.ownVector.toFixed(4)]);
  const table = formatTable([`${above.title} less ${below.title}`, rest.difference.toFixed(4)], rows, paint, 2);
  return `\n${indented([sentence])}\n\n${table}`;
}

export function changeLines({ sentences, likes }: ChangeAnswer, paint: Paint): string {
  const rows = likes.slice(0, shown).map(({ title, rank, score }) => [title, String(rank), score.toFixed(4)]);
  const table = likes.length > 0 ? `\n\n${formatTable(['liking this', 'brings it to', 'score'], rows, paint, 2)}` : '';
  return `\n${indented(sentences)}${table}`;
}

export function connectionLines({ nodes, edges, common, graph }: ConnectionAnswer, paint: Paint): string {
  if (graph !== 'reached') return 'What connects items lies in the graph, and no graph answered';
  const titles = new Map(nodes.map(({ id, title }) => [id, title]));
  const rows = edges.map(({ source, kind, target, evidence }) => [
    titles.get(source) ?? source,
    kind,
    titles.get(target) ?? target,
    evidence,
  ]);
  const told = common.slice(0, shown).map(({ sentence }) => sentence);
  return `${indented(told)}${told.length > 0 ? '\n\n' : ''}${formatTable(['from', '', 'to', ''], rows, paint, 2)}`;
}
