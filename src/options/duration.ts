/** Lengths of time as people write them. */
import { z } from 'zod';

const units = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** '90d' → ms. */
export const durationOf = (text: string): number =>
  Number(text.slice(0, -1)) * units[text.slice(-1) as keyof typeof units];

export const duration = z.string().regex(/^\d{1,6}[smhd]$/, 'is no length of time: write 30s, 15m, 24h or 90d');
