/**
 * Where in the console one is: the page is the one segment after `/console/`, all else stands in the query. So every address is one
 * level deep, and relative addresses hold behind a proxy that adds a prefix.
 */
import type { ComponentChildren } from 'preact';
import { createStore } from './store.ts';

export interface Place {
  /** Of `pages.ts`: '' for the overview. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The folder of the console and of the API, with any prefix; both end with a slash. */
const home = new URL('./', location.href);
export const apiUrl = new URL('../', location.href).href;

const here = (): Place => ({
  path: decodeURIComponent(location.pathname.slice(home.pathname.length)),
  query: new URLSearchParams(location.search),
});
const place = createStore<Place>(here());
addEventListener('popstate', () => place.set(here()));

/** Hook: where one is. */
export const usePlace = place.use;

/** The address of a page: `hrefOf('users', { user: 'ann' })`. */
export function hrefOf(path: string, query: Readonly<Record<string, string | undefined>> = {}): string {
  const search = new URLSearchParams(
    Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
  return `${home.pathname}${encodeURIComponent(path)}${search.size > 0 ? `?${search}` : ''}`;
}

/** Goes to an address of `hrefOf`; with `replace` the one before does not stay in the history. */
export function go(href: string, { replace = false } = {}): void {
  history[replace ? 'replaceState' : 'pushState'](null, '', href);
  const before = place.get().path;
  place.set(here());
  if (place.get().path !== before) scrollTo(0, 0);
}

export interface LinkProps {
  /** Of `hrefOf`. */
  readonly href: string;
  readonly class?: string;
  readonly current?: boolean;
  readonly children: ComponentChildren;
}

/** A link within the console. Opened in a new tab or window it is one as any other. */
export function Link({ href, class: style, current = false, children }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(href);
  };
  return (
    <a href={href} class={style} aria-current={current ? 'page' : undefined} onClick={follow}>
      {children}
    </a>
  );
}
