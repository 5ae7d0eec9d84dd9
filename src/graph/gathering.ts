/** Questions that come faster than they are answered, put together: one statement for many costs little more than for one. */

export interface GatheringOptions {
  /** Statements under way; whoever comes while there are as many waits for one to end. */
  readonly atOnce: number;
  /** Questions of one statement. */
  readonly most: number;
}

/**
 * `ask` answers questions in their order, or undefined where nobody can say. Where it says so of several they are asked again one by
 * one: that one of them takes too long is not the others' fault.
 */
export function gathering<Q, A>(
  ask: (questions: readonly Q[]) => Promise<readonly A[] | undefined>,
  { atOnce, most }: GatheringOptions,
): (question: Q) => Promise<A | undefined> {
  interface Waiting {
    readonly question: Q;
    readonly resolve: (answer: A | undefined) => void;
    readonly reject: (cause: unknown) => void;
  }
  let waiting: Waiting[] = [];
  let underWay = 0;

  const answer = async (asked: readonly Waiting[]): Promise<void> => {
    try {
      const answers = await ask(asked.map(({ question }) => question));
      if (answers || asked.length === 1) for (const [n, { resolve }] of asked.entries()) resolve(answers?.[n]);
      else for (const one of asked) await answer([one]);
    } catch (cause) {
      for (const { reject } of asked) reject(cause);
    }
  };
  const next = async (): Promise<void> => {
    underWay++;
    while (waiting.length > 0) {
      const asked = waiting.slice(0, most);
      waiting = waiting.slice(most);
      await answer(asked);
    }
    underWay--;
  };
  return (question) =>
    new Promise((resolve, reject) => {
      waiting.push({ question, resolve, reject });
      if (underWay < atOnce) void next();
    });
}
