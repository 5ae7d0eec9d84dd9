/** What each route needs, as it says itself: the OpenAPI document and the check at the door read the same declaration. */
import type { OpenAPIHono } from '@hono/zod-openapi';
import { TrieRouter } from 'hono/router/trie-router';
import { type Scope, scopes } from '../access/caller.ts';
import type { AppEnv } from './context.ts';

/** A route's scope; 'open' for those that say nothing of anybody; 'none' where there is no such route. */
export type Need = Scope | 'open' | 'none';

/** The two ways in which a credential comes. */
export const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: "An API key, the server's token, or a JWT" },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The same, for clients that send it so' },
} as const;

/** Spread into `createRoute`: the scope that the route needs. One that says none needs admin. */
export const needs = (need: Exclude<Need, 'none'>) => ({
  security: need === 'open' ? [] : Object.keys(securitySchemes).map((scheme) => ({ [scheme]: [need] })),
});

/**
 * What has no place in the OpenAPI document: the document itself, its page and the console, the same in every installation. They
 * hold no data: what they show, they ask for with a key.
 */
const openPaths = /^\/(openapi\.json|docs(\/[\w.-]+)?|console(\/(assets\/)?[\w.-]*)?)$/;

/** What a route's `security` says; admin where it says nothing. */
export function needOf(security: readonly Readonly<Record<string, readonly string[]>>[] | undefined): Need {
  if (security?.length === 0) return 'open';
  const named = security?.flatMap((each) => Object.values(each).flat()) ?? [];
  return scopes.find((scope) => named.includes(scope)) ?? 'admin';
}

/** What there is behind paths. */
export interface Needs {
  of(method: string, path: string): Need;
  /** The methods that a path has. */
  methods(path: string): readonly string[];
}

/** Finds what a request needs with the router that the routes themselves are found with. */
export function needsOf(app: OpenAPIHono<AppEnv>): Needs {
  const methods = new Set<string>();
  let router: TrieRouter<Need> | undefined;
  const find = (method: string, path: string): Need | undefined => {
    // Made with the first request, when all routes are there.
    if (!router) {
      router = new TrieRouter();
      for (const each of app.openAPIRegistry.definitions) {
        if (each.type !== 'route') continue;
        const { method: of, path: at, security } = each.route;
        methods.add(of.toUpperCase());
        router.add(of.toUpperCase(), at.replaceAll(/\/\{(.+?)\}/g, '/:$1'), needOf(security));
      }
    }
    return router.match(method, path)[0][0]?.[0];
  };
  return {
    of(method, path) {
      if (openPaths.test(path)) return 'open';
      // A router that knows GET answers HEAD with it.
      return find(method === 'HEAD' ? 'GET' : method, path) ?? 'none';
    },
    methods(path) {
      find('GET', path);
      return [...methods].filter((method) => find(method, path) !== undefined).sort();
    },
  };
}
