/** Questions that come faster than they are answered, put together: one statement for many costs little more than for one. */

export interface GatheringOptions {
  /** Statements under way; whoever comes while there are as many waits for one to end. */
  readonly atOnce: number;
  /** Questions of one statement. */
  readonly most: number;
  /** Longest wait for a place in a statement; then nobody can say. ms */
  readonly patienceMs: number;
}

interface Waiting<Q, A> {
  readonly question: Q;
  readonly resolve: (answer: A | undefined) => void;
  readonly reject: (cause: unknown) => void;
  timer?: NodeJS.Timeout;
}

/**
 * `ask` answers questions in their order, or undefined where nobody can say. Where it says so of several they are asked again, each
 * alone: that one of them takes too long is not the others' fault.
 */
export function gathering<Q, A>(
  ask: (questions: readonly Q[]) => Promise<readonly A[] | undefined>,
  { atOnce, most, patienceMs }: GatheringOptions,
): (question: Q) => Promise<A | undefined> {
  const waiting = new Set<Waiting<Q, A>>(); // in the order in which they came
  let underWay = 0;

  const answer = async (asked: readonly Waiting<Q, A>[]): Promise<void> => {
    try {
      const answers = await ask(asked.map(({ question }) => question));
      if (answers || asked.length === 1) for (const [n, { resolve }] of asked.entries()) resolve(answers?.[n]);
      else await Promise.all(asked.map((one) => answer([one])));
    } catch (cause) {
      for (const { reject } of asked) reject(cause);
    }
  };
  const take = (): Waiting<Q, A>[] => {
    const taken: Waiting<Q, A>[] = [];
    for (const one of waiting) {
      if (taken.push(one) === most) break;
    }
    for (const one of taken) {
      clearTimeout(one.timer);
      waiting.delete(one);
    }
    return taken;
  };
  const work = async (): Promise<void> => {
    underWay++;
    while (waiting.size > 0) await answer(take());
    underWay--;
  };
  return (question) =>
    new Promise((resolve, reject) => {
      const one: Waiting<Q, A> = { question, resolve, reject };
      waiting.add(one);
      if (underWay < atOnce) return void work();
      one.timer = setTimeout(() => {
        waiting.delete(one);
        resolve(undefined);
      }, patienceMs);
    });
}
