/** What explanations may tell. */
import { about, count } from './meta.ts';

/** Nodes of one answer that is drawn. */
export const mostNodes = 500;

export const explainingOption = {
  anonymity: count()
    .max(1000)
    .default(3)
    .meta(
      about('Least number of people that an explanation counts; of fewer it says "a few people"', {
        reason: 'a count of one or two tells who it is to those who know them',
      }),
    ),
};
