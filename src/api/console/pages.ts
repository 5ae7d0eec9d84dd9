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
    path: 'explain',
    title: 'Explain',
    scope: 'read',
    group: 'Explore',
    icon: 'graph',
    load: () => import('./pages/explain.tsx'),
  },
  {
    path: 'recommendations',
    title: 'Recommendations',
    scope: 'read',
    group: 'Explore',
    icon: 'compare',
    load: () => import('./pages/recommendations.tsx'),
  },
  {
    path: 'data',
    title: 'Data',
    scope: 'read',
    group: 'Explore',
    icon: 'database',
    load: () => import('./pages/data.tsx'),
  },
  {
    path: 'versions',
    title: 'Versions',
    scope: 'read',
    group: 'Build',
    icon: 'layers',
    load: () => import('./pages/versions.tsx'),
  },
  {
    path: 'queries',
    title: 'Queries',
    scope: 'admin',
    group: 'Explore',
    icon: 'query',
    load: () => import('./pages/queries.tsx'),
  },
  {
    path: 'map',
    title: 'Embedding map',
    scope: 'read',
    group: 'Explore',
    icon: 'map',
    load: () => import('./pages/map.tsx'),
  },
  {
    path: 'runs',
    title: 'Training runs',
    scope: 'admin',
    group: 'Build',
    icon: 'flask',
    load: () => import('./pages/runs.tsx'),
  },
  {
    path: 'keys',
    title: 'API keys',
    scope: 'admin',
    group: 'Operate',
    icon: 'key',
    load: () => import('./pages/keys.tsx'),
  },
  {
    path: 'settings',
    title: 'Settings',
    scope: 'admin',
    group: 'Operate',
    icon: 'gear',
    load: () => import('./pages/settings.tsx'),
  },
  {
    path: 'jobs',
    title: 'Jobs',
    scope: 'admin',
    group: 'Operate',
    icon: 'clock',
    load: () => import('./pages/jobs.tsx'),
  },
];
