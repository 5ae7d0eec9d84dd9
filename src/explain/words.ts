/**
 * All that explanations say, language by language: one template for each kind of reason, of which none claims more than its numbers.
 * Titles and names of features come from the data and stay as they are.
 */
import type { Locale } from '../options.ts';

/** How what the user did may be called: 'liked' only where the version tells what was liked from what was not. */
export type Manner = 'liked' | 'met';

export interface Group {
  /** Absent where they are too few to be counted. */
  readonly count?: number | undefined;
  /** The count is the least it can be. */
  readonly capped: boolean;
  /** The count is an estimate. */
  readonly estimated?: boolean | undefined;
}

export interface Words {
  /** Parts that sum to the score, as whole percent of all parts' sizes. */
  because(manner: Manner, parts: readonly { readonly title: string; readonly percent: number }[]): string;
  /** What the score would miss most, where the parts do not sum to it. */
  above(manner: Manner, titles: readonly string[]): string;
  /** One interaction of the user, with its part of the score where it has one; negative against the item. */
  part(manner: Manner, title: string, percent?: number): string;
  popular(): string;
  score(title: string, score: string): string;
  people(group: Group): string;
  peopleWhoChose(group: Group, title: string): string;
  trusted(group: Group): string;
  feature(group: Group & { readonly count: number }, kind: string, value: string): string;
  has(title: string, kind: string, value: string): string;
  chose(group: Group, title: string): string;
  /** That an item is out of the first `limit` without some interactions; `instead` is what comes in. */
  counterfactual(title: string, limit: number, without: readonly string[], instead: readonly string[]): string;
  noCounterfactual(title: string, limit: number): string;
  fixedWeights(isExact: boolean): string;
  retrained(holds: boolean, title: string, rank: number): string;
  contrast(above: string, below: string, most: string | undefined, isFor: boolean): string;
  change(title: string, rank: number, like: string, then: number): string;
  noChange(title: string): string;
  common(kind: string | undefined, title: string, items: number, all: number): string;
}

const percent = (share: number): string => `${share} %`;
const listed = (titles: readonly string[], and: string): string =>
  titles.length < 2 ? titles.join('') : `${titles.slice(0, -1).join(', ')} ${and} ${titles.at(-1)}`;

const english: Words = {
  because: (manner, parts) =>
    `Because you ${manner === 'liked' ? 'liked' : 'interacted with'} ${parts.map(({ title, percent: n }) => `${title}: ${percent(n)}`).join(', ')}.`,
  above: (manner, titles) =>
    `It would score less had you not ${manner === 'liked' ? 'liked' : 'interacted with'} ${listed(titles, 'or')}.`,
  part: (manner, title, n) => {
    const did = `You ${manner === 'liked' ? 'liked' : 'interacted with'} ${title}`;
    return n === undefined ? `${did}.` : `${did}: ${percent(Math.abs(n))} of its score${n < 0 ? ', against it' : ''}.`;
  },
  popular: () => 'Many people chose this; nothing is known of your taste yet.',
  score: (title, score) => `${title} has a score of ${score} for you.`,
  people: ({ count, capped, estimated }) =>
    count === undefined
      ? 'A few people'
      : `${estimated ? 'About ' : capped ? 'At least ' : ''}${count} ${count === 1 ? 'person' : 'people'}`,
  peopleWhoChose: (group, title) => `${english.people(group)} who chose ${title} chose this too.`,
  trusted: (group) => `${english.people(group)} you trust chose this.`,
  feature: ({ count, capped }, kind, value) =>
    `${capped ? 'At least ' : ''}${count} of the items you chose ${count === 1 ? 'has' : 'have'} ${kind} ${value}, like this one.`,
  has: (title, kind, value) => `${title} has ${kind} ${value}.`,
  chose: (group, title) => `${english.people(group)} chose ${title}.`,
  counterfactual: (title, limit, without, instead) =>
    `Without ${listed(without, 'and')}, ${title} would not be among your first ${limit}${instead.length > 0 ? `; ${listed(instead, 'and')} would come in` : ''}.`,
  noCounterfactual: (title, limit) =>
    `No few of your interactions were found without which ${title} would not be among your first ${limit}.`,
  fixedWeights: (isExact) =>
    isExact
      ? 'This holds with the model as it is; a model trained anew may answer otherwise.'
      : 'This holds as near as the model as it is can tell; a model trained anew may answer otherwise.',
  retrained: (holds, title, rank) =>
    `It ${holds ? 'also holds' : 'does not hold'} after training anew without them: ${title} is then at place ${rank}.`,
  contrast: (above, below, most, isFor) =>
    most === undefined
      ? `${above} scores more than ${below}.`
      : `${above} scores more than ${below}, ${isFor ? `most of all by ${most}` : `although ${most} speaks more for the latter`}.`,
  change: (title, rank, like, then) => `Were you to like ${like}, ${title} would rise from place ${rank} to ${then}.`,
  noChange: (title) => `Nothing was found that would lift ${title} by being liked.`,
  common: (kind, title, items, all) =>
    kind === undefined ? `${title}: ${items} of these ${all}.` : `${items} of these ${all} have ${kind} ${title}.`,
};

const german: Words = {
  because: (manner, parts) =>
    `${manner === 'liked' ? 'Weil dir gefallen hat' : 'Weil du dich befasst hast mit'}: ${parts.map(({ title, percent: n }) => `${title} (${percent(n)})`).join(', ')}.`,
  above: (manner, titles) =>
    `Der Wert wäre kleiner, ${manner === 'liked' ? `hätte dir ${listed(titles, 'oder')} nicht gefallen` : `hättest du dich nicht mit ${listed(titles, 'oder')} befasst`}.`,
  part: (manner, title, n) => {
    const did = manner === 'liked' ? `Dir hat ${title} gefallen` : `Du hast dich mit ${title} befasst`;
    return n === undefined ? `${did}.` : `${did}: ${percent(Math.abs(n))} des Werts${n < 0 ? ', dagegen' : ''}.`;
  },
  popular: () => 'Viele haben das gewählt; über deinen Geschmack ist noch nichts bekannt.',
  score: (title, score) => `${title} hat für dich den Wert ${score}.`,
  people: ({ count, capped, estimated }) =>
    count === undefined
      ? 'Einige wenige'
      : `${estimated ? 'Etwa ' : capped ? 'Mindestens ' : ''}${count} ${count === 1 ? 'Person' : 'Personen'}`,
  peopleWhoChose: (group, title) =>
    `${german.people(group)}, die ${title} gewählt ${group.count === 1 ? 'hat' : 'haben'}, ${group.count === 1 ? 'hat' : 'haben'} auch das gewählt.`,
  trusted: (group) =>
    `${german.people(group)}, denen du vertraust, ${group.count === 1 ? 'hat' : 'haben'} das gewählt.`,
  feature: ({ count, capped }, kind, value) =>
    `${capped ? 'Mindestens ' : ''}${count} deiner Sachen ${count === 1 ? 'hat' : 'haben'} ${kind} ${value}, wie das hier.`,
  has: (title, kind, value) => `${title} hat ${kind} ${value}.`,
  chose: (group, title) => `${german.people(group)} ${group.count === 1 ? 'hat' : 'haben'} ${title} gewählt.`,
  counterfactual: (title, limit, without, instead) =>
    `Ohne ${listed(without, 'und')} wäre ${title} nicht unter deinen ersten ${limit}${instead.length > 0 ? `; dafür käme ${listed(instead, 'und')}` : ''}.`,
  noCounterfactual: (title, limit) =>
    `Es fand sich nichts Weniges, ohne das ${title} nicht unter deinen ersten ${limit} wäre.`,
  fixedWeights: (isExact) =>
    `Das gilt ${isExact ? 'für das Modell, wie es ist' : 'so genau, wie das Modell es sagen kann'}; neu trainiert kann es anders antworten.`,
  retrained: (holds, title, rank) =>
    `Nach neuem Training ohne sie gilt es ${holds ? 'auch' : 'nicht'}: ${title} steht dann auf Platz ${rank}.`,
  contrast: (above, below, most, isFor) =>
    most === undefined
      ? `${above} hat einen höheren Wert als ${below}.`
      : `${above} hat einen höheren Wert als ${below}, ${isFor ? `vor allem wegen ${most}` : `obwohl ${most} mehr für das andere spricht`}.`,
  change: (title, rank, like, then) => `Gefiele dir ${like}, stiege ${title} von Platz ${rank} auf ${then}.`,
  noChange: (title) => `Es fand sich nichts, das ${title} höbe, wenn es dir gefiele.`,
  common: (kind, title, items, all) =>
    kind === undefined ? `${title}: ${items} von ${all}.` : `${items} von ${all} haben ${kind} ${title}.`,
};

export const words: Readonly<Record<Locale, Words>> = { en: english, de: german };
