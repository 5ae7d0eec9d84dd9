import { describe, expect, test } from 'vitest';
import { gathering } from '../../src/graph/gathering.ts';

/** Answers that the test gives. */
function asked() {
  const statements: { readonly questions: readonly number[]; answer(answers: readonly string[] | undefined): void }[] =
    [];
  const ask = gathering<number, string>(
    (questions) => new Promise((resolve) => statements.push({ questions, answer: resolve })),
    { atOnce: 2, most: 3, patienceMs: 60_000 },
  );
  const answerAll = async () => {
    for (let n = 0; n < statements.length; n++) {
      const { questions, answer } = statements[n]!;
      answer(questions.map((question) => `of ${question}`));
      await new Promise(setImmediate);
    }
  };
  return { ask, statements, answerAll };
}

describe('questions that are put together', () => {
  test('go alone while few are under way, together beyond, each with its own answer', async () => {
    const { ask, statements, answerAll } = asked();
    const answers = Promise.all([0, 1, 2, 3, 4, 5].map(ask));
    expect(statements.map(({ questions }) => questions)).toEqual([[0], [1]]);
    await answerAll();
    expect(await answers).toEqual([0, 1, 2, 3, 4, 5].map((n) => `of ${n}`));
    expect(statements.map(({ questions }) => questions)).toEqual([[0], [1], [2, 3, 4], [5]]);
  });

  test('are asked one by one where several together have no answer', async () => {
    const { ask, statements } = asked();
    const answers = Promise.all([0, 1, 2, 3].map(ask));
    statements[0]!.answer(['of 0']);
    await new Promise(setImmediate);
    expect(statements[2]!.questions).toEqual([2, 3]);
    statements[2]!.answer(undefined);
    await new Promise(setImmediate);
    expect(statements.slice(3).map(({ questions }) => questions)).toEqual([[2], [3]]);
    statements[3]!.answer(undefined);
    statements[4]!.answer(['of 3']);
    statements[1]!.answer(['of 1']);
    expect(await answers).toEqual(['of 0', 'of 1', undefined, 'of 3']);
  });

  test('are not asked any more once they have waited too long', async () => {
    const statements: (readonly number[])[] = [];
    const ask = gathering<number, number>(
      (questions) => {
        statements.push(questions);
        return new Promise(() => {}); // silent
      },
      { atOnce: 1, most: 8, patienceMs: 5 },
    );
    void ask(1);
    expect(await ask(2)).toBeUndefined();
    expect(statements).toEqual([[1]]);
  });

  test('tell all who waited what went wrong, and go on', async () => {
    let fails = true;
    const ask = gathering<number, number>(
      async (questions) => {
        if (fails) throw new Error('no');
        return questions;
      },
      { atOnce: 1, most: 8, patienceMs: 60_000 },
    );
    const [first, ...rest] = await Promise.allSettled([ask(1), ask(2), ask(3)]);
    expect([first, ...rest].map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    fails = false;
    expect(await ask(4)).toBe(4);
  });
});
