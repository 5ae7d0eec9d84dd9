/**
 * How often one caller may come: a token bucket. It holds `burst` tokens, fills with `rate` a second, and each request takes one.
 */

export interface BucketState {
  /** Whether the request may go on. */
  readonly admitted: boolean;
  /** Whole tokens that are left. */
  readonly left: number;
  /** Time until there is a token again, s; 0 where there is one. */
  readonly wait: number;
}

export interface Buckets {
  /** `rate` tokens a second, at most `burst` of them. */
  readonly rate: number;
  readonly burst: number;
  take(caller: string, nowMs?: number): BucketState;
}

/** As many callers are remembered; the one that came longest ago is forgotten first, and so has a full bucket again. */
const mostCallers = 100_000;

/** `rate` in requests/s; `burst` is two seconds of it where not given, at least one. */
export function openBuckets(rate: number, burst = Math.max(1, Math.ceil(2 * rate))): Buckets {
  // In the order of the last request: a map keeps that in which keys were put in.
  const buckets = new Map<string, { readonly tokens: number; readonly at: number }>();
  return {
    rate,
    burst,
    take(caller, now = performance.now()) {
      const { tokens, at } = buckets.get(caller) ?? { tokens: burst, at: now };
      const filled = Math.min(burst, tokens + ((now - at) / 1000) * rate);
      const admitted = filled >= 1;
      const after = admitted ? filled - 1 : filled;
      buckets.delete(caller);
      buckets.set(caller, { tokens: after, at: now });
      if (buckets.size > mostCallers) buckets.delete(buckets.keys().next().value!);
      return { admitted, left: Math.floor(after), wait: after >= 1 ? 0 : (1 - after) / rate };
    },
  };
}
