/** The options by what they are about, as an administrator reads them; and one as it is in force. */
import type { z } from 'zod';
import { accessOption, keyOption } from './access.ts';
import { adminOption } from './admin.ts';
import { backupOption } from './backup.ts';
import { closedFormOption } from './closedForm.ts';
import { currentOption } from './current.ts';
import { dataOption } from './data.ts';
import { experimentsOption, shownOption } from './experiments.ts';
import { explainingOption } from './explaining.ts';
import { foldInOption } from './foldIn.ts';
import { forgetOption } from './forget.ts';
import { formatsOption } from './formats.ts';
import { holdingOption } from './holding.ts';
import { indexOption } from './index.ts';
import { layersOption } from './layers.ts';
import { lineageOption } from './lineage.ts';
import { lossesOption } from './losses.ts';
import { machineOption } from './machine.ts';
import { mappingOption } from './mapping.ts';
import { pipelinesOption } from './pipelines.ts';
import { restOption } from './rest.ts';
import { servingOption } from './serving.ts';
import { trainingOption } from './training.ts';
import { walksOption } from './walks.ts';

/** Every option of `options.ts` once, by the title of its section. */
export const optionSections: Readonly<Record<string, Readonly<Record<string, z.ZodType>>>> = {
  Serving: {
    ...servingOption,
    ...indexOption,
    ...pipelinesOption,
    ...foldInOption,
    ...restOption,
    ...holdingOption,
    ...experimentsOption,
    ...shownOption,
    ...explainingOption,
  },
  Access: { ...accessOption, ...keyOption },
  Administration: { ...adminOption, ...lineageOption, ...forgetOption, ...backupOption },
  'Machine and database': { ...machineOption, ...mappingOption },
  Data: { ...dataOption, ...currentOption, ...formatsOption },
  Training: { ...trainingOption, ...lossesOption, ...layersOption, ...walksOption, ...closedFormOption },
};

export const settingSources = ['flag', 'environment', 'config', 'default'] as const;

/** An option with the value that it has in a running program. */
export interface SettingInForce {
  /** As in the config file: 'maxBodyBytes'. */
  readonly key: string;
  readonly section: string;
  /** Where the value comes from. */
  readonly source: (typeof settingSources)[number];
  /** Absent where there is none, and for secrets. */
  readonly value?: unknown;
  readonly defaultValue?: unknown;
  /** Whether a secret has a value; it is told nowhere. */
  readonly secret?: 'set' | 'not set';
  /** Without dashes; absent for secrets, which are never flags. */
  readonly flag?: string;
  readonly env: string;
  readonly unit?: string;
  readonly choices: readonly string[];
  readonly description: string;
  readonly reason?: string;
  /** Whether this program goes by it; others are for other commands that find the same environment and config file. */
  readonly here: boolean;
}
