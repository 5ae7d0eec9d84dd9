/** Every page of the console, in the order of the navigation. A page is a file in `pages/` with a component as its default, and a line here. */
import type { ComponentType } from 'preact';
import type { IconName } from './parts/Icon.tsx';

export interface PageEntry {
  /** The one segment after `/console/`. */
  readonly path: string;
  readonly title: string;
  /** Without it the page is neither named nor shown. */
  readonly scope: 'read' | 'admin';
  readonly group: 'Watch' | 'Explore' | 'Build' | 'Operate';
  readonly icon: IconName;
  readonly load: () => Promise<{ default: ComponentType }>;
}

export const pages: readonly PageEntry[] = [
  {
    path: '',
    title: 'Overview',
    scope: 'read',
    group: 'Watch',
    icon: 'pulse',
    load: () => import('./pages/overview.tsx'),
  },
  {
    path: 'runs',
    title: 'Training runs',
    scope: 'admin',
    group: 'Build',
    icon: 'flask',
    load: () => import('./pages/runs.tsx'),
  },
];
