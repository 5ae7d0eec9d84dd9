/** Reads the text of `/metrics`: the figures of the server since it started, and by differences those of a span. */

export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
export type Metrics = ReadonlyMap<string, readonly Sample[]>;

const form = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;

/** Prometheus text format, as far as prom-client writes it. */
export function parseMetrics(text: string): Metrics {
  const found = new Map<string, Sample[]>();
  for (const line of text.split('\n')) {
    const [, name, inner = '', value] = form.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    const labels = Object.fromEntries(
      [...inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!.replace(/\\(.)/g, '$1')]),
    );
    const samples = found.get(name) ?? [];
    if (samples.length === 0) found.set(name, samples);
    samples.push({ labels, value: value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value) });
  }
  return found;
}

/** Requests that somebody made of the API; the console's own and those of monitors say nothing of its use. */
export interface Traffic {
  readonly requests: number;
  /** Answered with 5xx. */
  readonly failed: number;
  /** [upper bound in s, requests up to it], ascending, the last bound infinite. */
  readonly buckets: readonly (readonly [bound: number, count: number])[];
}

const isUse = ({ labels }: Sample): boolean => /^\/(v1\/(?!me$|admin\/)|api\/)/.test(labels.route ?? '');
const sum = (samples: readonly Sample[]): number => samples.reduce((total, { value }) => total + value, 0);

export function trafficOf(metrics: Metrics): Traffic {
  const requests = (metrics.get('tastegraph_http_requests_total') ?? []).filter(isUse);
  const counts = new Map<number, number>();
  for (const { labels, value } of (metrics.get('tastegraph_http_request_seconds_bucket') ?? []).filter(isUse)) {
    const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
    counts.set(bound, (counts.get(bound) ?? 0) + value);
  }
  return {
    requests: sum(requests),
    failed: sum(requests.filter(({ labels }) => labels.status?.startsWith('5'))),
    buckets: [...counts].sort(([a], [b]) => a - b),
  };
}

/** What came between two readings of one server; of a server that started anew, all of it. */
export function since(before: Traffic, now: Traffic): Traffic {
  if (now.requests < before.requests) return now;
  const earlier = new Map(before.buckets);
  return {
    requests: now.requests - before.requests,
    failed: now.failed - before.failed,
    buckets: now.buckets.map(([bound, count]) => [bound, count - (earlier.get(bound) ?? 0)] as const),
  };
}

/** The time within which a share of requests is answered, in s, interpolated as Prometheus does; undefined where there was none. */
export function quantile({ buckets }: Traffic, share: number): number | undefined {
  const all = buckets.at(-1)?.[1] ?? 0;
  if (all === 0) return undefined;
  const place = buckets.findIndex(([, count]) => count >= share * all);
  const [bound, count] = buckets[place]!;
  const [lower, below] = buckets[place - 1] ?? [0, 0];
  if (!Number.isFinite(bound)) return lower;
  return lower + ((bound - lower) * (share * all - below)) / Math.max(1, count - below);
}
