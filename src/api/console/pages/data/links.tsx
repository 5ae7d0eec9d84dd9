/** Ways onwards from what is shown. */
import { hrefOf, Link } from '../../router.tsx';

/** Badges of a cell before it says how many more there are. */
const mostBadges = 6;

export function ItemLink({ id, title }: { readonly id: string; readonly title?: string | undefined }) {
  return <Link href={hrefOf('data', { item: id })}>{title ?? id}</Link>;
}

interface NamedItem {
  readonly id: string;
  readonly title?: string | undefined;
}

/** How items are told apart in a table. */
export const itemColumns = [
  {
    title: 'Title',
    value: ({ title, id }: NamedItem) => title ?? id,
    render: ({ title, id }: NamedItem) => <ItemLink id={id} title={title} />,
  },
  { title: 'Id', value: ({ id }: NamedItem) => id, render: ({ id }: NamedItem) => <code>{id}</code> },
];

export function Availability({ available }: { readonly available: boolean }) {
  return <span class={`badge ${available ? 'ok' : 'warn'}`}>{available ? 'available' : 'not to be shown'}</span>;
}

interface FeatureLinksProps {
  readonly features: readonly { readonly kind: string; readonly value: string; readonly weight?: number | undefined }[];
  readonly all?: boolean;
}

export function FeatureLinks({ features, all = false }: FeatureLinksProps) {
  const shown = all ? features : features.slice(0, mostBadges);
  return (
    <span class="row tight">
      {shown.map(({ kind, value, weight }) => (
        <Link key={`${kind}:${value}`} class="badge" href={hrefOf('data', { feature: `${kind}:${value}` })}>
          {all && <span class="muted">{kind}</span>}
          {value}
          {weight !== undefined && weight !== 1 && <span class="muted">× {weight}</span>}
        </Link>
      ))}
      {features.length > shown.length && <span class="muted small">and {features.length - shown.length} more</span>}
      {features.length === 0 && <span class="muted">–</span>}
    </span>
  );
}
