/** Each re-ranker at several values of its parameter. */
import type { RerankerKind } from '../../../src/options.ts';

export interface Variant {
  readonly kind: RerankerKind;
  readonly config: object;
  /** Its parameters as the table shows them. */
  readonly label: string;
}

const feature = 'genre';
const values: { readonly [K in RerankerKind]?: readonly object[] } = {
  mmr: [
    ...[0.1, 0.3, 0.5, 0.7].map((strength) => ({ strength })),
    ...[0.05, 0.1, 0.2, 0.5].map((strength) => ({ strength, by: 'features', feature })),
  ],
  dpp: [
    ...[0.03, 0.1, 0.3, 0.5].map((strength) => ({ strength })),
    ...[0.01, 0.03, 0.1, 0.3].map((strength) => ({ strength, by: 'features', feature })),
  ],
  calibration: [0.05, 0.1, 0.2, 0.3, 0.5, 0.9].map((strength) => ({ feature, strength })),
  cap: [{ max: 5 }, { max: 3 }, { max: 2 }, { max: 2, window: 5 }].map((given) => ({ feature, ...given })),
  freshness: [
    { boost: 0.05, halfLifeDays: 365 },
    { boost: 0.1, halfLifeDays: 365 },
    { boost: 0.2, halfLifeDays: 365 },
    { boost: 0.2, halfLifeDays: 30 },
  ],
  popularity: [0.02, 0.05, 0.1, 0.2, 0.5].map((power) => ({ power })),
  fairness: [0.1, 0.3, 0.5].map((proportion) => ({ proportion })),
  'epsilon-greedy': [0.05, 0.1, 0.3].map((epsilon) => ({ epsilon })),
  'plackett-luce': [0.01, 0.02, 0.05, 0.1].map((temperature) => ({ temperature })),
  impressions: [0.03, 0.1, 0.3].map((decay) => ({ decay })),
  available: [{ maxAgeDays: 1825 }, { maxAgeDays: 730 }],
  features: [
    { exclude: [{ kind: feature, values: ['Drama'] }] },
    { include: [{ kind: feature, values: ['Comedy', 'Romance'] }] },
  ],
  pins: [
    { items: [{ item: '50', position: 1 }] },
    { items: [10, 5, 1].map((at) => ({ item: `${at}`, position: at })) },
  ],
};

const labelOf = (value: unknown): string =>
  Array.isArray(value) ? value.map((each) => Object.values(each).join(' ')).join(', ') : String(value);

export const variants: readonly Variant[] = Object.entries(values).flatMap(([kind, configs]) =>
  configs.map((config) => ({
    kind: kind as RerankerKind,
    config: { kind, ...config },
    label: Object.entries(config)
      .filter(([, value]) => value !== feature)
      .map(([name, value]) => (name === 'by' ? `by ${value}` : `${name} ${labelOf(value)}`))
      .join(', '),
  })),
);
