/** The shell: who is signed in sees navigation and a page, everybody else the way in. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type PageEntry, pages } from './pages.ts';
import { Empty } from './parts/Empty.tsx';
import { ErrorPanel } from './parts/ErrorPanel.tsx';
import { Icon } from './parts/Icon.tsx';
import { Skeleton } from './parts/Skeleton.tsx';
import { Toasts } from './parts/toast.tsx';
import { hrefOf, Link, usePlace } from './router.tsx';
import { type Caller, enter, leave, may, useSession } from './session.ts';
import { SignIn } from './signIn.tsx';
import { chooseTheme, useTheme } from './theme.ts';

export function App() {
  const session = useSession();
  return (
    <>
      {session.state === 'in' && <Shell caller={session.caller} />}
      {session.state === 'out' && <SignIn problem={session.problem} />}
      {session.state === 'asking' && <main class="alone" aria-busy="true" />}
      {session.state === 'failed' && (
        <main class="alone">
          <ErrorPanel error={session.error} retry={() => void enter()} />
        </main>
      )}
      <Toasts />
    </>
  );
}

function Shell({ caller }: { readonly caller: Caller }) {
  const { path } = usePlace();
  const [open, setOpen] = useState(false);
  const page = pages.find((each) => each.path === path);
  const title = page?.title ?? 'Not found';
  useEffect(() => {
    document.title = `${title} · Tastegraph`;
    setOpen(false);
  }, [title]);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="bar">
        <Link href={hrefOf('')} class="brand">
          <Mark />
          Tastegraph
        </Link>
        <button
          type="button"
          class="button quiet menu"
          aria-expanded={open}
          aria-controls="navigation"
          onClick={() => setOpen(!open)}
        >
          <Icon name="menu" /> Menu
        </button>
        <Navigation caller={caller} path={path} open={open} />
        <Account caller={caller} />
      </header>
      <main id="main" tabIndex={-1}>
        {page === undefined && (
          <Empty heading="h1" title="There is no such page" action={<Link href={hrefOf('')}>Go to the overview</Link>}>
            The address names a page that this console does not have.
          </Empty>
        )}
        {page && !may(caller, page.scope) && (
          <Empty heading="h1" title={`${page.title} is for administrators`}>
            It needs a key with the scope “{page.scope}”; yours has: {caller.scopes.join(', ')}.
          </Empty>
        )}
        {page && may(caller, page.scope) && <Page key={page.path} page={page} />}
      </main>
    </div>
  );
}

function Navigation(props: { readonly caller: Caller; readonly path: string; readonly open: boolean }) {
  const seen = pages.filter(({ scope }) => may(props.caller, scope));
  const groups = [...new Set(seen.map(({ group }) => group))];
  return (
    <nav id="navigation" class={props.open ? 'open' : undefined} aria-label="Pages">
      {groups.map((group) => (
        <section key={group} aria-labelledby={`group-${group}`}>
          <h2 id={`group-${group}`}>{group}</h2>
          <ul>
            {seen
              .filter((page) => page.group === group)
              .map(({ path, title, icon }) => (
                <li key={path}>
                  <Link href={hrefOf(path)} current={path === props.path}>
                    <Icon name={icon} /> {title}
                  </Link>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function Account({ caller }: { readonly caller: Caller }) {
  return (
    <div class="account">
      <p>
        <strong>{caller.kind === 'anyone' ? 'Open server' : caller.id}</strong>
        <span>
          {caller.tenant !== undefined && `${caller.tenant} · `}
          {caller.scopes.join(', ')}
        </span>
      </p>
      <ThemeButton />
      {caller.kind !== 'anyone' && (
        <button type="button" class="button quiet" aria-label="Sign out" title="Sign out" onClick={() => leave()}>
          <Icon name="leave" />
        </button>
      )}
    </div>
  );
}

export function ThemeButton() {
  const other = useTheme() === 'dark' ? 'light' : 'dark';
  const label = `Use the ${other} theme`;
  return (
    <button
      type="button"
      class="button quiet theme"
      aria-label={label}
      title={label}
      onClick={() => chooseTheme(other)}
    >
      <Icon name={other === 'dark' ? 'moon' : 'sun'} />
    </button>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M10 11 22 9M10 11l8 12M22 9l-4 14" />
      <circle cx="10" cy="11" r="4" />
      <circle cx="22" cy="9" r="3" />
      <circle class="found" cx="18" cy="23" r="3.5" />
    </svg>
  );
}

/** A page comes with its own code when it is first seen. */
function Page({ page }: { readonly page: PageEntry }) {
  const [Loaded, setLoaded] = useState<{ readonly Body: ComponentType }>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    page.load().then(({ default: Body }) => setLoaded({ Body }), setError);
  }, [page]);
  if (error !== undefined) return <ErrorPanel error={error} retry={() => location.reload()} />;
  return Loaded ? <Loaded.Body /> : <Skeleton label={page.title} />;
}
