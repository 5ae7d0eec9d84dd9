import { z } from 'zod';

/** What `.meta()` says of an option, beside the JSON-schema `description`. */
export type OptionMeta = {
  readonly description: string;
  readonly unit?: string;
  /** Why the default is what it is, or why the option exists. */
  readonly reason?: string;
  /** Another name in the environment than `TASTEGRAPH_…`. */
  readonly env?: string;
  /** Never a flag (it would show in process lists) and never printed. */
  readonly secret?: boolean;
  /** A list whose flag is given once for each value, which may then hold commas; lines in the environment. */
  readonly repeats?: boolean;
};

export const about = (description: string, more: Omit<OptionMeta, 'description'> = {}): OptionMeta => ({
  description,
  ...more,
});

/** A whole number. */
export const count = (least = 1) => z.number().int().min(least);

/** 'minValue' → 'min-value', which stands after two dashes. */
export const flagOf = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
