/** Numbers in queries. */
import { z } from '@hono/zod-openapi';

type NumberOption = z.ZodDefault<z.ZodNumber>;

/**
 * A whole number from the text that a query holds, written in digits alone. What the option's own schema would call no number is
 * refused here by what is wrong with it.
 */
export const numberFrom = <S extends NumberOption>(schema: S) =>
  z.preprocess((text, context) => {
    if (typeof text !== 'string') return text;
    const refuse = (message: string): never => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    if (text.trim() === '') return refuse('Empty: expected a whole number, or the parameter left out');
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return refuse('Not a number: expected a whole number');
    // Beyond what doubles count by one the schema says no more than that it is too small or too big.
    const number = Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, Number(text)));
    if (!Number.isInteger(number)) return refuse('Not whole: expected a whole number');
    if (/^\d+$/.test(text) || !schema.safeParse(number).success) return number;
    return refuse('Expected a whole number written in digits alone');
  }, schema);
