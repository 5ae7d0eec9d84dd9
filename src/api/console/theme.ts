/** Light or dark: as the system says, until somebody chooses. */
import { createStore } from './store.ts';

export type Theme = 'light' | 'dark';

const kept = 'tastegraph-theme';
const system = matchMedia('(prefers-color-scheme: dark)');
const chosen = (): Theme | undefined => {
  const value = localStorage.getItem(kept);
  return value === 'light' || value === 'dark' ? value : undefined;
};
const now = (): Theme => chosen() ?? (system.matches ? 'dark' : 'light');

const theme = createStore<Theme>(now());
const apply = () => {
  document.documentElement.dataset.theme = now();
  theme.set(now());
};
apply();
system.addEventListener('change', apply);

/** Hook: the theme that is shown. */
export const useTheme = theme.use;

export function chooseTheme(wanted: Theme): void {
  localStorage.setItem(kept, wanted);
  apply();
}
