import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Whether Vulkan has a driver to load, in the places where its loader looks. On Linux Dawn complains on standard error where there
 * is none; elsewhere it does without Vulkan.
 */
export function hasDriver(): boolean {
  if (process.platform !== 'linux') return true;
  const { env } = process;
  if (env.VK_ADD_DRIVER_FILES) return true;
  const named = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  if (named !== undefined) return named.split(':').some((path) => existsSync(path));
  const data = [
    env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share'),
    env.XDG_CONFIG_HOME ?? join(homedir(), '.config'),
  ];
  const shared = [
    ...(env.XDG_DATA_DIRS ?? '/usr/local/share:/usr/share').split(':'),
    '/etc',
    '/etc/xdg',
    '/usr/local/etc',
  ];
  return [...data, ...shared].some((folder) => {
    try {
      return readdirSync(join(folder, 'vulkan', 'icd.d')).length > 0;
    } catch {
      return false;
    }
  });
}
