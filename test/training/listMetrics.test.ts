import { describe, expect, it } from 'vitest';
import type { DataRecord } from '../../src/data/records.ts';
import { featureKind, featureKinds } from '../../src/sampling/featureKinds.ts';
import { snapshotFromRecords } from '../../src/sampling/fromFiles.ts';
import { divergence, mixOf } from '../../src/training/calibration.ts';
import { gini, ListMetrics } from '../../src/training/listMetrics.ts';
import { longTail } from '../../src/training/longTail.ts';

const genre = (value: string, weight = 1) => ({ kind: 'genre', value, weight });
const records: DataRecord[] = [
  { kind: 'item', id: 'a', features: [genre('drama')] },
  { kind: 'item', id: 'b', features: [genre('drama', 3), genre('comedy', 1), { kind: 'maker', value: 'x' }] },
  { kind: 'item', id: 'c', features: [genre('comedy')] },
  { kind: 'item', id: 'd', features: [] },
  { kind: 'user', id: 'u', features: [{ kind: 'age', value: '30' }] },
  { kind: 'interaction', user: 'u', item: 'a', type: 'rating', at: 0, value: 1 },
];
const snapshot = snapshotFromRecords(records, 'test');
const kind = featureKind(snapshot, 'genre')!;
const [a, b, c, d] = [0, 1, 2, 3];

describe('features of one kind', () => {
  it('are shares of an item that add up to 1', () => {
    expect(kind.values).toEqual(['comedy', 'drama']);
    expect([...kind.shares.offsets]).toEqual([0, 1, 3, 4, 4]);
    expect([...kind.shares.indices]).toEqual([1, 0, 1, 0]);
    expect([...kind.shares.weights]).toEqual([1, 0.25, 0.75, 1]);
    expect(featureKind(snapshot, 'genre')).toBe(kind);
  });

  it('are those that items have', () => {
    expect(featureKinds(snapshot)).toEqual(['genre', 'maker']);
    expect(featureKind(snapshot, 'age')).toBeUndefined();
  });
});

describe('calibration', () => {
  it('is the divergence from the mix of the history, smoothed', () => {
    expect([...mixOf(kind, [a, b, d])]).toEqual([0.125, 0.875]);
    expect([...mixOf(kind, [d])]).toEqual([0, 0]);
    const half = Float64Array.of(0.5, 0.5);
    expect(divergence(half, half)).toBeCloseTo(0, 12);
    expect(divergence(half, Float64Array.of(1, 0))).toBeCloseTo(0.5 * Math.log(0.5 / 0.995) + 0.5 * Math.log(100), 12);
    expect(divergence(Float64Array.of(1, 0), Float64Array.of(1, 0))).toBeCloseTo(0, 12);
  });
});

describe('metrics of lists', () => {
  it('are what a hand can compute', () => {
    const metrics = new ListMetrics(2, { people: Int32Array.of(8, 4, 1, 0), users: 8, kind });
    metrics.add([a, c, b], [a]); // cut off at two
    metrics.add([a, d], [d]); // a history without features has no mix
    metrics.add([], [a]); // no list takes no part
    const result = metrics.result();
    expect(result['coverage@2']).toBe(3 / 4);
    expect(result['diversity@2']).toBeCloseTo(1, 12); // a and c share nothing; d is like none
    expect(result['novelty@2']).toBeCloseTo((0 + 3) / 2 / 2 + (0 + 3) / 2 / 2, 12); // a: 0 bits; c and d: 3 bits
    // A fifth of 13 choices is 2.6: d and c, then b with 4 is too many.
    expect(result['tail@2']).toBe(2 / 4);
    expect(result['calibration@2']).toBeCloseTo(Math.log(1 / (0.99 * 0.5 + 0.01)), 12);
    // Exposures 0, 1, 1, 2: 2 · (2 + 3 + 8) / (4 · 4) − 5 / 4.
    expect(result['gini@2']).toBeCloseTo(0.375, 12);
  });

  it('diversity is the mean over pairs', () => {
    const metrics = new ListMetrics(3, { people: new Int32Array(4), users: 1, kind });
    metrics.add([a, b, c], []);
    const norm = Math.hypot(0.25, 0.75);
    expect(metrics.result()['diversity@3']).toBeCloseTo((1 - 0.75 / norm + 1 + 1 - 0.25 / norm) / 3, 6);
    expect(metrics.result()['calibration@3']).toBeNaN();
  });

  it('inequality is 0 where all are alike, and nearly 1 where one has all', () => {
    expect(gini(new Float64Array(5))).toBe(0);
    expect(gini(new Float64Array(5).fill(3))).toBeCloseTo(0, 12);
    expect(gini(Float64Array.of(0, 0, 0, 7))).toBeCloseTo(3 / 4, 12);
  });

  it('the long tail is as many of the least chosen as hold no more than the share', () => {
    const people = Int32Array.of(5, 1, 0, 2, 2);
    expect([...longTail(people, 0)]).toEqual([0, 0, 1, 0, 0]);
    expect([...longTail(people, 0.3)]).toEqual([0, 1, 1, 0, 1]); // of equals the higher index first
    expect([...longTail(people, 1)]).toEqual([1, 1, 1, 1, 1]);
    expect(longTail(people, 0.3)).toBe(longTail(people, 0.3));
  });
});
