/** Questions and answers between two processes over the messages that Node carries from one to the other. */

/** One end: a child as its parent sees it, or a process as its parent's child. */
export interface End {
  /** False where the other end is gone. */
  send(message: object): boolean;
  onMessage(listener: (message: unknown) => void): void;
  onGone(listener: () => void): void;
}

type Answerer = (given: never) => unknown;

interface Message {
  /** Keeps ours apart from Node's own. */
  readonly tastegraph: 'ask' | 'answer' | 'failed';
  readonly id: number;
  readonly name?: string;
  readonly value?: unknown;
}

export interface Channel {
  /** What the other end answers. Errors: any, where it is gone or fails. */
  ask<T>(name: string, given?: object): Promise<T>;
  /** Answers what is asked by this name. */
  answer<T>(name: string, answerer: (given: T) => unknown): void;
}

export function openChannel(end: End): Channel {
  const answerers = new Map<string, Answerer>();
  const asked = new Map<
    number,
    { readonly resolve: (value: never) => void; readonly reject: (cause: Error) => void }
  >();
  const gone = () => new Error('the other process is gone');
  let last = 0;
  let isGone = false;

  const answerTo = async ({ id, name, value }: Message): Promise<void> => {
    try {
      const answerer = answerers.get(name!);
      if (!answerer) throw new Error(`nobody answers '${name}'`);
      end.send({ tastegraph: 'answer', id, value: await answerer(value as never) });
    } catch (cause) {
      end.send({ tastegraph: 'failed', id, value: String(cause) });
    }
  };
  end.onMessage((received) => {
    const message = received as Message;
    if (message?.tastegraph === undefined) return;
    if (message.tastegraph === 'ask') return void answerTo(message);
    const waiting = asked.get(message.id);
    asked.delete(message.id);
    if (message.tastegraph === 'answer') waiting?.resolve(message.value as never);
    else waiting?.reject(new Error(String(message.value)));
  });
  end.onGone(() => {
    isGone = true;
    for (const { reject } of asked.values()) reject(gone());
    asked.clear();
  });
  return {
    ask: (name, given = {}) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        asked.set(id, { resolve, reject });
        if (!isGone && end.send({ tastegraph: 'ask', id, name, value: given })) return;
        asked.delete(id);
        reject(gone());
      }),
    answer: (name, answerer) => void answerers.set(name, answerer as Answerer),
  };
}
