/** Where there is nothing to show: says why, and what would change it. */
import type { ComponentChildren } from 'preact';

export interface EmptyProps {
  readonly title: string;
  /** Where it is all that the page shows, its title is that of the page. */
  readonly heading?: 'h1' | 'h2';
  readonly children?: ComponentChildren;
  readonly action?: ComponentChildren;
}

export function Empty({ title, heading: Heading = 'h2', children, action }: EmptyProps) {
  return (
    <div class="empty">
      <Heading>{title}</Heading>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}
