import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { option } from '../../../src/options.ts';
import { armOf, experimentOf, openExperiments, pointOf } from '../../../src/serving/experiments/split.ts';

const pipelines = new Map([
  ['default', {}],
  ['fresh', {}],
]);
const declared = (arms: object, more = {}) => option.experiments.parse({ ranking: { arms, ...more } });
const open = (arms: object, more = {}) => openExperiments(declared(arms, more), pipelines).get('ranking')!;
const halves = { a: { pipeline: 'default', share: 0.5 }, b: { pipeline: 'fresh', share: 0.5 } };
const users = Array.from({ length: 20_000 }, (_, n) => `user-${n}`);

describe('the split of an experiment', () => {
  it('is the hash of salt and user, always the same, whatever the order of the file', () => {
    const digest = createHash('sha256').update('ranking\0ann').digest('hex');
    expect(pointOf('ann', 'ranking')).toBe(Number.parseInt(digest.slice(0, 12), 16) / 2 ** 48);
    const [one, other] = [open(halves), open({ b: halves.b, a: halves.a })];
    for (const user of users.slice(0, 200)) expect(armOf(one, user)).toEqual(armOf(other, user));
    expect(one.control).toBe('a');
    expect(open(halves, { control: 'b' }).control).toBe('b');
  });

  it('gives each arm its share, and splits anew under another salt', () => {
    const thirds = { a: { pipeline: 'default', share: 0.2 }, b: { pipeline: 'fresh', share: 0.5 } };
    const experiment = open({ ...thirds, c: { pipeline: 'fresh', share: 0.3 } });
    const counts = { a: 0, b: 0, c: 0 };
    for (const user of users) counts[armOf(experiment, user).name as 'a']++;
    // Four standard deviations of a binomial count are 0.014 of 20,000 at most.
    expect(Math.abs(counts.a / users.length - 0.2)).toBeLessThan(0.014);
    expect(Math.abs(counts.b / users.length - 0.5)).toBeLessThan(0.014);
    const salted = open(halves, { salt: 'another' });
    const same = users.filter((user) => armOf(open(halves), user).name === armOf(salted, user).name).length;
    expect(Math.abs(same / users.length - 0.5)).toBeLessThan(0.014);
  });

  it('shows another arm where it is asked for, and says so', () => {
    const experiment = open(halves);
    const own = armOf(experiment, 'ann');
    for (const { name } of experiment.arms) {
      expect(armOf(experiment, 'ann', name)).toMatchObject({ name, forced: true, point: own.point });
    }
    expect(own).not.toHaveProperty('forced');
    expect(() => armOf(experiment, 'ann', 'z')).toThrow("Experiment 'ranking' has no arm 'z'. There are: a, b");
    expect(() => experimentOf(new Map(), 'ranking')).toThrow("No experiment 'ranking'. There are: none");
  });

  it('is refused where it is wrongly declared', () => {
    expect(() => open({ ...halves, b: { pipeline: 'none', share: 0.5 } })).toThrow("arm 'b': no pipeline 'none'");
    expect(() => declared({ a: halves.a })).toThrow('two arms or more');
    expect(() => declared({ a: halves.a, b: { pipeline: 'fresh', share: 0.4 } })).toThrow('0.9 together');
    expect(() => declared(halves, { control: 'z' })).toThrow('no arm is called so');
    expect(() => declared({ ...halves, b: { ...halves.b, other: 1 } })).toThrow();
  });
});
