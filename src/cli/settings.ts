/** Every option as it is in force, for who administers a server. */

import { describeOption } from '../options/describe.ts';
import { optionSections, type SettingInForce } from '../options/sections.ts';
import { type CommandName, commandOptions } from '../options.ts';
import { givenOptions, type Sources } from './resolve.ts';

/** A name and a password that stand in an address are nobody's to read. */
const withoutCredentials = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value).replace(/:\/\/[^/\s"@]*@/g, '://(hidden)@'));

/** The options of all commands, section by section, with what a command's sources give them. */
export function settingsInForce(command: CommandName, sources: Sources): readonly SettingInForce[] {
  const rows = Object.entries(optionSections).flatMap(([section, options]) =>
    Object.entries(options).map(([key, schema]) => ({ section, schema, ...describeOption(key, schema) })),
  );
  const given = givenOptions(rows, sources);
  return rows.map(({ section, schema, key, secret, flag, env, unit, choices, description, reason, defaultValue }) => {
    const from = given.get(key);
    // Wrong for a command that does not go by it: that command will say so.
    const parsed = schema.safeParse(from?.value);
    const value = withoutCredentials(parsed.success ? parsed.data : from?.value);
    return {
      key,
      section,
      source: from?.source ?? 'default',
      ...(secret ? { secret: from ? 'set' : 'not set' } : { ...(value !== undefined && { value }), flag }),
      ...(defaultValue !== undefined && { defaultValue }),
      env,
      ...(unit !== undefined && { unit }),
      choices,
      description,
      ...(reason !== undefined && { reason }),
      here: key in commandOptions[command].shape,
    };
  });
}
