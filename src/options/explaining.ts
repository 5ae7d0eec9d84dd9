/** What explanations may tell, and how. */
import { z } from 'zod';
import { about, count } from './meta.ts';

/** Languages that explanations are told in. */
export const locales = ['en', 'de'] as const;
export type Locale = (typeof locales)[number];

/** Nodes of one answer that is drawn. */
export const mostNodes = 500;
/** Items of one question what connects them. */
export const connected = { least: 2, most: 10 } as const;

export const explainingOption = {
  anonymity: count()
    .max(1000)
    .default(3)
    .meta(
      about('Least number of people that an explanation counts; of fewer it says "a few people"', {
        reason: 'a count of one or two tells who it is to those who know them',
      }),
    ),
  locale: z.enum(locales).default('en').meta(about('Language of reasons')),
  counterfactual: z
    .boolean()
    .default(false)
    .meta(about('Say which of her interactions the user owes the item to: without them it is not in the list')),
  retrain: z
    .boolean()
    .default(false)
    .meta(about('With --counterfactual, train the model anew without those interactions and say whether it holds')),
  contrast: z.string().min(1).optional().meta(about('Another item: say why the one is above the other')),
  whatWouldChange: z.boolean().default(false).meta(about('Say which item to like for this one to rise most')),
  connect: z
    .array(z.string().min(1))
    .default([])
    .meta(
      about(
        'Items to be connected, with ITEM where that is given, in a small graph; `first`: her first recommendations',
        {
          reason: 'two to ten in all',
        },
      ),
    ),
};
