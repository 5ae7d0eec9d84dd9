import { describe, expect, it } from 'vitest';
import { mix32, RandomStream } from '../src/random.ts';

describe('RandomStream', () => {
  it('gives any draw at any time, the same each time', () => {
    const stream = new RandomStream(2026, 'pairs', 3);
    const drawn = Array.from({ length: 100 }, () => stream.next());
    const again = new RandomStream(2026, 'pairs', 3);
    expect(drawn.map((_, counter) => again.at(99 - counter)).reverse()).toEqual(drawn);
  });

  it('gives other streams for another seed, name, number or order of the path', () => {
    const first = [
      new RandomStream(1, 'a', 1),
      new RandomStream(2, 'a', 1),
      new RandomStream(1, 'b', 1),
      new RandomStream(1, 'a', 2),
      new RandomStream(1, 1, 'a'),
      new RandomStream(1, 'a', 1 + 2 ** 32),
    ].map((stream) => stream.at(0));
    expect(new Set(first).size).toBe(first.length);
  });

  it('stays the same from version to version: published figures name their seed', () => {
    // Figures of the same formulas in unbounded integers, in another language.
    const stream = new RandomStream(2026, 'anchor');
    expect([mix32(1), mix32(2)]).toEqual([69681622, 4057983209]);
    expect([stream.next(), stream.next(), stream.integer(1000)]).toEqual([2948793022, 438789875, 472]);
  });

  it('is uniform in its bits and its integers', () => {
    const stream = new RandomStream(5);
    const draws = 100_000;
    const bits = new Int32Array(32);
    const cells = new Int32Array(10);
    let sum = 0;
    for (let i = 0; i < draws; i++) {
      const bitsOfDraw = stream.next();
      for (let bit = 0; bit < 32; bit++) bits[bit]! += (bitsOfDraw >>> bit) & 1;
      cells[stream.integer(10)]!++;
      sum += stream.uniform();
    }
    // Five standard deviations; the seed is fixed.
    for (const count of bits) expect(Math.abs(count - draws / 2)).toBeLessThan((5 * Math.sqrt(draws)) / 2);
    for (const count of cells) expect(Math.abs(count - draws / 10)).toBeLessThan(5 * Math.sqrt(draws * 0.09));
    expect(Math.abs(sum / draws - 0.5)).toBeLessThan(5 / Math.sqrt(12 * draws));
  });

  it('shuffles into every order equally often', () => {
    const stream = new RandomStream(9, 'shuffle');
    const orders = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = stream.shuffle([0, 1, 2]).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('draws a normal distribution', () => {
    const stream = new RandomStream(1, 'normal');
    const draws = Array.from({ length: 50_000 }, () => stream.normal());
    const mean = draws.reduce((a, b) => a + b, 0) / draws.length;
    const variance = draws.reduce((a, b) => a + (b - mean) ** 2, 0) / draws.length;
    expect(mean).toBeCloseTo(0, 1);
    expect(variance).toBeCloseTo(1, 1);
    const within = draws.filter((draw) => Math.abs(draw) < 1).length / draws.length;
    expect(within).toBeCloseTo(0.6827, 1);
  });
});
