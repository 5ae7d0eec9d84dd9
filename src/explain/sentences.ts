/** Reasons as plain sentences. */
import type { EvidencePath } from '../graph/evidence.ts';
import type { Attribution } from './attribution.ts';

/** Shares below this say nothing to a person. */
const leastShare = 0.01;

/** "Because you liked X: 41 %, Y: 22 %." from the greatest parts; undefined where no interaction speaks for the item. */
export function sentenceOfAttribution({ parts }: Pick<Attribution, 'parts'>, most = 2): string | undefined {
  const told = parts.slice(0, most).filter(({ share }) => share >= leastShare);
  if (told.length === 0) return undefined;
  return `Because you liked ${told.map(({ title, share }) => `${title}: ${percent(share)}`).join(', ')}.`;
}

/** "12 people who chose X chose this too." and so on. */
export function sentenceOfPath(path: EvidencePath): string {
  const { kind, through, count, capped } = path;
  if (kind === 'people') return `${peopleTitle(path)} who chose ${through?.title} chose this too.`;
  if (kind === 'trust') return `${peopleTitle(path)} you trust chose this.`;
  return `${upper(numberOf(count!, capped))} of the items you chose ${count === 1 ? 'has' : 'have'} ${through?.kind} ${through?.title}, like this one.`;
}

interface Group {
  readonly count?: number | undefined;
  readonly capped: boolean;
}

/** "12 people", "At least 100 people", "A few people". */
export function peopleTitle({ count, capped }: Group): string {
  if (count === undefined) return 'A few people';
  return `${upper(numberOf(count, capped))} ${count === 1 ? 'person' : 'people'}`;
}

/** "You liked X." with what it brings to the score. */
export function sentenceOfPart(title: string, share?: number): string {
  if (share === undefined || Math.abs(share) < leastShare) return `You liked ${title}.`;
  return `You liked ${title}: ${percent(Math.abs(share))} of the score${share < 0 ? ', against it' : ''}.`;
}

export const sentenceOfScore = ({ title, score }: { readonly title: string; readonly score: number }): string =>
  `${title} is recommended with a score of ${score.toPrecision(3)}.`;
export const sentenceOfChoice = (group: Group, title: string): string => `${peopleTitle(group)} chose ${title}.`;
export const sentenceOfFeature = (title: string, kind: string, value: string): string =>
  `${title} has ${kind} ${value}.`;

export const popularSentence = 'Many people chose this; nothing is known of your taste yet.';

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const numberOf = (count: number, capped: boolean): string => (capped ? `at least ${count}` : `${count}`);
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
