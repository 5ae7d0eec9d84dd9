/** Answers that are kept: never one from before a change that was told, whatever the order in which things happen. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerMemory, type Change, type Made } from '../../src/serving/answerMemory.ts';

const basis = {};
const memoryOf = (more: Partial<ConstructorParameters<typeof AnswerMemory>[0]> = {}) =>
  new AnswerMemory({ maxBytes: 1 << 20, maxAgeMs: 1000, ...more });
/** What a question for a user gets where it would be made as `value`. */
const ask = async (
  memory: AnswerMemory,
  user: string,
  value: unknown,
  more: Partial<Made<unknown>> = {},
  what = 'list',
) => await memory.recall('lists', { user, what, basis }, async () => ({ value, bytes: 100, ...more }));

describe('an answer that is kept', () => {
  it('is given again for the same question alone', async () => {
    let now = 0;
    const memory = memoryOf({ now: () => now });
    expect(await ask(memory, 'ann', 1)).toMatchObject({ value: 1, from: 'made' });
    now = 400;
    expect(await ask(memory, 'ann', 2)).toEqual({ value: 1, from: 'kept', age: 400 });
    expect(await ask(memory, 'ann', 3, {}, 'other')).toMatchObject({ value: 3, from: 'made' });
    expect(await ask(memory, 'bob', 4)).toMatchObject({ value: 4, from: 'made' });
    const onAnother = { user: 'ann', what: 'list', basis: {} };
    expect(await memory.recall('lists', onAnother, async () => ({ value: 5 }))).toMatchObject({ value: 5 });
    now = 1000;
    expect(await ask(memory, 'ann', 6)).toMatchObject({ value: 6, from: 'made' });
    expect(memory.counts.lists).toEqual({ made: 5, kept: 1, stale: 0 });
  });

  it('goes when what it depends on changes', async () => {
    const changes: readonly (readonly [Change, ...(readonly boolean[])])[] = [
      // ann's list, her reasons, and what asks the whole graph: kept?
      [{ users: ['bob'] }, true, true, false],
      [{ users: ['bob', 'ann'] }, false, false, false],
      [{ users: [], nodes: true }, true, false, false],
      [{}, false, false, false],
      [{ versions: true, users: [] }, false, false, false],
    ];
    for (const [change, ...kept] of changes) {
      const memory = memoryOf();
      const all = (value: number) =>
        Promise.all(
          (['own', 'nodes', 'anything'] as const).map((dependsOn) =>
            ask(memory, 'ann', value, { dependsOn }, dependsOn),
          ),
        );
      await all(1);
      memory.change(change);
      expect((await all(2)).map((each) => each?.from === 'kept')).toEqual(kept);
    }
  });

  it('is given as stale while nobody hears of changes, however old, and nothing is kept then', async () => {
    let [now, isCertain] = [0, true];
    const memory = memoryOf({ now: () => now, isCertain: () => isCertain });
    await ask(memory, 'ann', 1);
    now = 5000;
    isCertain = false;
    expect(await ask(memory, 'ann', 2)).toEqual({ value: 1, from: 'stale', age: 5000 });
    expect(await ask(memory, 'bob', 3)).toMatchObject({ value: 3, from: 'made' });
    isCertain = true;
    expect(await ask(memory, 'ann', 4)).toMatchObject({ value: 4, from: 'made' });
    expect(await ask(memory, 'bob', 5)).toMatchObject({ value: 5, from: 'made' });
    now = 20_000;
    // Where the graph does not say, though it should, what it said last is better than nothing, and is marked.
    const silent = await memory.recall('deeds', { user: 'ann', what: 'list', basis }, async () => undefined);
    expect(silent).toMatchObject({ value: 4, from: 'stale' });
  });

  it('is given, if it was made without the graph, only while nobody hears of changes', async () => {
    let isCertain = false;
    const memory = memoryOf({ isCertain: () => isCertain });
    await ask(memory, 'ann', 1, { isStale: true });
    expect(await ask(memory, 'ann', 2, { isStale: true })).toMatchObject({ value: 1, from: 'stale' });
    isCertain = true;
    expect(await ask(memory, 'ann', 3, { isStale: true })).toMatchObject({ value: 3, from: 'made' });
    expect(await ask(memory, 'ann', 4)).toMatchObject({ value: 4, from: 'made' });
    expect(await ask(memory, 'ann', 5)).toMatchObject({ value: 4, from: 'kept' });
  });

  it('takes no more memory than there is for it', async () => {
    const memory = memoryOf({ maxBytes: 20_000 });
    for (let n = 0; n < 500; n++) await ask(memory, `user-${n}`, n);
    expect(memory.bytes).toBeLessThanOrEqual(20_000);
    expect(memory.users).toBeGreaterThan(10);
    for (let n = 0; n < 500; n++) await ask(memory, 'one', n, {}, `question ${n}`);
    expect(memory.bytes).toBeLessThanOrEqual(20_000);
    expect(await ask(memory, 'one', 0, {}, 'question 499')).toMatchObject({ from: 'kept' });
    expect(await ask(memory, 'one', 0, { bytes: 1 << 20 }, 'too large')).toMatchObject({ from: 'made' });
    expect(await ask(memory, 'one', 0, {}, 'too large')).toMatchObject({ from: 'made' });
  });
});

it('no read after an acknowledged write sees what was there before, in any order of two workers', async () => {
  const action = fc.record({
    does: fc.constantFrom('read', 'read', 'write'),
    worker: fc.nat(1),
    user: fc.constantFrom('ann', 'bob'),
    kind: fc.constantFrom('own', 'anything'),
  });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.array(action, { minLength: 4, maxLength: 20 }), async (s, actions) => {
      const memories = [memoryOf(), memoryOf()];
      const written = new Map<string, number>(); // the graph: how often each user was written
      const acknowledged = new Map<string, number>();
      const step = (what: string) => s.schedule(Promise.resolve(), what);
      const total = (of: ReadonlyMap<string, number>) => [...of.values()].reduce((sum, n) => sum + n, 0);

      const write = async (user: string, worker: number): Promise<void> => {
        await step('write arrives');
        const version = (written.get(user) ?? 0) + 1;
        written.set(user, version);
        await step('committed');
        memories[worker]!.change({ users: [user] });
        await step('told to the other');
        memories[1 - worker]!.change({ users: [user] });
        await step('acknowledged');
        acknowledged.set(user, Math.max(version, acknowledged.get(user) ?? 0));
      };
      const read = async (user: string, worker: number, dependsOn: 'own' | 'anything'): Promise<void> => {
        await step('read arrives');
        const look = () => (dependsOn === 'own' ? (written.get(user) ?? 0) : total(written));
        const floor = dependsOn === 'own' ? (acknowledged.get(user) ?? 0) : total(acknowledged);
        const recalled = await memories[worker]!.recall('lists', { user, what: dependsOn, basis }, async () => {
          await step('asked');
          const value = look();
          await step('answered');
          return { value, bytes: 10, dependsOn };
        });
        expect(recalled!.value).toBeGreaterThanOrEqual(floor);
      };
      const all = actions.map(({ does, worker, user, kind }) =>
        does === 'read' ? read(user, worker, kind as 'own' | 'anything') : write(user, worker),
      );
      await s.waitFor(Promise.all(all));
    }),
    { numRuns: 300 },
  );
});
