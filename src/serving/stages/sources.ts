/** Every kind of source, by the name that a configuration gives it. */
import type { Graph } from '../../graph/driver.ts';
import type { SourceKind, SourceOptions } from '../../options.ts';
import type { OtherVersion } from './otherVersion.ts';
import type { CandidateSource } from './source.ts';
import { contentSimilar } from './sources/contentSimilar.ts';
import { itemToItem } from './sources/itemToItem.ts';
import { newest } from './sources/newest.ts';
import { popular } from './sources/popular.ts';
import { ruleSource } from './sources/rule.ts';
import { sameFeature } from './sources/sameFeature.ts';
import { session } from './sources/session.ts';
import { trending } from './sources/trending.ts';
import { trusted } from './sources/trusted.ts';
import { userToUser } from './sources/userToUser.ts';
import { otherVersion, ownVersion } from './sources/version.ts';
import type { StageData } from './stageData.ts';

/** What sources stand on. */
export interface SourceGround {
  readonly data: StageData;
  readonly graph: Graph | undefined;
  /** A published version by its id, opened when it is first asked for. */
  other(id: string): OtherVersion;
}

type OptionsOf<K extends SourceKind> = Extract<SourceOptions, { readonly kind: K }>;
type Factories = {
  readonly [K in SourceKind]: (name: string, ground: SourceGround, options: OptionsOf<K>) => CandidateSource;
};

const factories: Factories = {
  version: (name, { data, other }, { version }) =>
    version === undefined ? ownVersion(name, data) : otherVersion(name, () => other(version)),
  'item-to-item': (name, { data }, options) => itemToItem(name, data, options),
  'user-to-user': (name, { data }, options) => userToUser(name, data, options),
  popular: (name, { data }) => popular(name, data),
  trending: (name, { data }, options) => trending(name, data, options),
  newest: (name, { data }) => newest(name, data),
  'content-similar': (name, { data }, options) => contentSimilar(name, data, options),
  'same-feature': (name, { data }, options) => sameFeature(name, data, options),
  trusted: (name, { data }) => trusted(name, data),
  rule: (name, { data, graph }, options) => ruleSource(name, data, graph, options),
  session: (name, { data }, options) => session(name, data, options),
};

/** A source as it is declared. */
export function sourceOf(options: SourceOptions, ground: SourceGround): CandidateSource {
  const make = factories[options.kind] as (
    name: string,
    ground: SourceGround,
    options: SourceOptions,
  ) => CandidateSource;
  return make(options.name ?? options.kind, ground, options);
}
