/** Reasons as plain sentences, by the table of words. */
import type { EvidencePath } from '../graph/evidence.ts';
import type { Locale } from '../options.ts';
import type { VersionManifest } from '../serving/manifest.ts';
import type { Attribution } from './attribution.ts';
import { type Group, type Manner, type Words, words } from './words.ts';

/** Shares below this say nothing to a person. */
const leastShare = 0.01;

/** The words of a language, and what may be said of what users did. */
export interface Speech {
  readonly words: Words;
  readonly manner: Manner;
}

/** 'liked' only where a version counts by values or types: where all counts alike, all that is known is that they met. */
export function speechOf({ minValue, interactions = {} }: VersionManifest, locale: Locale = 'en'): Speech {
  const tells = Object.values(interactions).some(
    ({ positiveFrom, negative }) => positiveFrom !== undefined || negative,
  );
  return { words: words[locale], manner: minValue !== undefined || tells ? 'liked' : 'met' };
}

/** From the greatest parts; undefined where no interaction speaks for the item. */
export function sentenceOfAttribution(
  { words, manner }: Speech,
  { method, parts }: Pick<Attribution, 'method' | 'parts'>,
  most = 2,
): string | undefined {
  const told = parts.slice(0, most).filter(({ share }) => share >= leastShare);
  if (told.length === 0) return undefined;
  if (method !== 'exact') {
    const titles = told.map(({ title }) => title);
    return words.above(manner, titles);
  }
  return words.because(
    manner,
    told.map(({ title, share }) => ({ title, percent: percent(share) })),
  );
}

export function sentenceOfPath({ words }: Speech, path: EvidencePath): string {
  const { kind, through, count = 0, capped } = path;
  if (kind === 'people') return words.peopleWhoChose(path, through!.title);
  if (kind === 'trust') return words.trusted(path);
  return words.feature({ count, capped }, through?.kind ?? '', through!.title);
}

/** What the user did, with what it brings to the score where that is exact. */
export function sentenceOfPart({ words, manner }: Speech, title: string, share?: number): string {
  const isTold = share !== undefined && Math.abs(share) >= leastShare;
  return isTold ? words.part(manner, title, percent(share)) : words.part(manner, title);
}

export const peopleTitle = ({ words }: Speech, group: Group): string => words.people(group);

const percent = (share: number): number => Math.round(share * 100);
