/** The language that a request is answered in. */
import { parseAccept } from 'hono/utils/accept';
import { type Locale, locales } from '../options.ts';
import type { AppContext } from './context.ts';

/** What was asked, in the language that is named, or that the client likes best of those there are. The answer says which. */
export function spokenIn<Q extends { readonly locale?: Locale | undefined }>(
  c: Pick<AppContext, 'req' | 'header'>,
  asked: Q,
): Q & { readonly locale: Locale } {
  const locale = asked.locale ?? preferred(c.req.header('accept-language') ?? '');
  c.header('content-language', locale);
  c.header('vary', 'Accept-Language', { append: true });
  return { ...asked, locale };
}

function preferred(header: string): Locale {
  const liked = parseAccept(header)
    .filter(({ q }) => q > 0)
    .map(({ type }) => type.split('-')[0]!.toLowerCase());
  return liked.flatMap((each) => locales.find((locale) => locale === each) ?? [])[0] ?? locales[0];
}
