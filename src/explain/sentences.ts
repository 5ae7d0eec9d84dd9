/** Reasons as plain sentences. */
import type { EvidencePath } from '../graph/evidence.ts';
import type { Attribution } from './attribution.ts';

/** Shares below this say nothing to a person. */
const leastShare = 0.01;

/** "Because you liked X: 41 %, Y: 22 %." from the greatest parts; undefined where no interaction speaks for the item. */
export function sentenceOfAttribution({ parts }: Attribution, most = 2): string | undefined {
  const told = parts.slice(0, most).filter(({ share }) => share >= leastShare);
  if (told.length === 0) return undefined;
  return `Because you liked ${told.map(({ title, share }) => `${title}: ${percent(share)}`).join(', ')}.`;
}

/** "12 people who chose X chose this too." and so on. */
export function sentenceOfPath({ kind, through, count, capped }: EvidencePath): string {
  const number = capped ? `at least ${count}` : `${count}`;
  if (kind === 'people') return `${upper(number)} ${people(count)} who chose ${through?.title} chose this too.`;
  if (kind === 'trust') return `${upper(number)} ${people(count)} you trust chose this.`;
  return `${upper(number)} of the items you chose ${count === 1 ? 'has' : 'have'} ${through?.kind} ${through?.title}, like this one.`;
}

export const popularSentence = 'Many people chose this; nothing is known of your taste yet.';

const percent = (share: number): string => `${Math.round(share * 100)} %`;
const people = (count: number): string => (count === 1 ? 'person' : 'people');
const upper = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
