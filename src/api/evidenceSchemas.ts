/** What speaks for an item: paths in the graph, parts of its score, rules. */
import { z } from '@hono/zod-openapi';
import { attributionMethods } from '../explain/attribution.ts';

export const pathSchema = z
  .object({
    kind: z.enum(['people', 'feature', 'trust']),
    through: z
      .object({ id: z.string(), title: z.string(), kind: z.string().optional() })
      .optional()
      .meta({ description: 'Item that the user chose (people), or feature; nothing for trust' }),
    count: z.number().int().optional().meta({
      description: "People, or the user's items; never who. Absent where the people are too few to be counted",
    }),
    capped: z.boolean().meta({ description: 'Only a part was looked at: the count is the least it can be' }),
    estimated: z.boolean().optional().meta({ description: 'The count is an estimate from a sample' }),
    support: z
      .number()
      .meta({ description: "Share of the item's people, or of the user's items, that the path goes over, 0 to 1" }),
    rarity: z.number().meta({ description: 'Share of what lies on the way that the path goes over, 0 to 1' }),
    recency: z.number().meta({ description: '1 for what the user met last, half of it for each 90 days before' }),
    score: z.number().meta({ description: '√(support · rarity) · (1 + recency) / 2' }),
  })
  .openapi('EvidencePath');

const partSchema = z.object({
  item: z.string(),
  title: z.string(),
  part: z.number().meta({ description: 'Summand of the score' }),
  share: z.number().meta({ description: 'part / Σ|parts|; negative where it speaks against the item' }),
});

export const attributionSchema = z
  .object({
    method: z.enum(attributionMethods).meta({
      description:
        "'exact': the parts sum to the score; 'leave-one-out': what the absence of each does to it, all others staying; 'integrated-gradients': along the model's gradients",
    }),
    fidelity: z.number().meta({
      description:
        'Correlation of what was taken apart with what the version ranks by, over all items; 1 where they are the same',
    }),
    score: z.number(),
    parts: z
      .array(partSchema)
      .meta({ description: "One for each of the user's training interactions, greatest first" }),
    ownVector: z
      .object({ part: z.number(), share: z.number() })
      .meta({ description: "What no interaction carries: the user's own learned vector" }),
    popularity: z
      .object({ part: z.number(), share: z.number() })
      .meta({ description: "What no interaction of hers carries: the item's bias, how widely it is chosen" }),
    error: z.number().meta({ description: 'score − Σ parts − own vector − popularity: float32 rounding where exact' }),
  })
  .openapi('Attribution', { description: 'Signed parts of a score' });

const ruleMark = {
  rule: z.string(),
  version: z.number().int(),
  kind: z.enum(['source', 'filter', 'exclude']),
  reason: z.string().optional(),
};
export const ruleMarks = z
  .array(z.object(ruleMark))
  .readonly()
  .optional()
  .meta({ description: 'Where rules were named: what brought the item, or let it stay' });
export const ruleVerdicts = z
  .array(z.object({ ...ruleMark, verdict: z.enum(['brings', 'allows', 'removes', 'none']) }))
  .readonly()
  .optional()
  .meta({ description: 'Where rules were named: what each does with the item' });
