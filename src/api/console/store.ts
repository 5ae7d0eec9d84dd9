/** A value that components follow: theme, place, session and toasts are one each. */
import { useEffect, useState } from 'preact/hooks';

export interface Store<T> {
  get(): T;
  set(value: T): void;
  /** Hook: the value, and a new rendering whenever it changes. */
  use(): T;
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial;
  const followers = new Set<(value: T) => void>();
  return {
    get: () => value,
    set(next) {
      value = next;
      for (const follow of followers) follow(next);
    },
    use() {
      const [seen, see] = useState<{ value: T }>({ value });
      useEffect(() => {
        const follow = (value: T) => see({ value });
        followers.add(follow);
        follow(value); // it may have changed between rendering and now
        return () => {
          followers.delete(follow);
        };
      }, []);
      return seen.value;
    },
  };
}
