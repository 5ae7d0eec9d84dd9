/**
 * A small, plausible world of films, made up from a seed: films with genres, people with tastes, who trusts whom, and ratings
 * over some years. What somebody rates, and how, comes from a taste that shows in the films' genres but is finer than they
 * are, so there is something to learn that popularity does not know. All names are invented here.
 */
import { sha256 } from '../durable.ts';
import { RandomStream } from '../random.ts';
import type { DataRecord, FeatureValue, InteractionRecord, ItemRecord, TrustRecord, UserRecord } from './records.ts';
import { type Batch, beginning, type DataFile, type DataSource, type Place } from './source.ts';
import { adjectives, genres, nouns, occupations, places, subtitles } from './words.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly users: number;
  readonly films: number;
  /** About how many ratings, at most half of all pairs. */
  readonly ratings: number;
}

export const demoWorld: WorldOptions = { seed: 2026, users: 600, films: 800, ratings: 40_000 };

/** Width of the latent tastes. */
const tasteDim = 8;
/** How much more a film that fits is chosen, against popularity: at 2.2 taste decides, and popularity still shows. */
const tasteWeight = 2.2;
const day = 86_400_000;
const firstDay = Date.UTC(2021, 0, 1);
const days = 5 * 365;
const rowsPerBatch = 5_000;
const ageGroups = ['under 18', '18-24', '25-34', '35-44', '45-49', '50-55', '56+'];

type Vector = Float64Array; // [tasteDim], of length 1

/** The world as a source, read in the order in which files would be. The same options give the same records. */
export function generateWorld(options: WorldOptions): DataSource {
  let made: readonly (readonly DataRecord[])[] | undefined;
  const parts = () => (made ??= recordsOf(options));
  const names = ['users', 'items', 'interactions', 'trust'] as const;
  const counts = [options.users, options.films, options.ratings, options.users * 5];
  const files: DataFile[] = names.map((role, index) => ({
    name: role,
    path: `generated/${role}`,
    bytes: counts[index]!,
    role,
  }));
  const id = sha256(JSON.stringify(['generated', 1, options])).slice(0, 32);
  return {
    format: 'generated',
    path: `a generated world (seed ${options.seed})`,
    id,
    files,
    totalBytes: counts.reduce((sum, count) => sum + count, 0),
    async *batches(from: Place = beginning): AsyncGenerator<Batch> {
      let { read } = from;
      for (let file = from.file; file < files.length; file++) {
        const records = parts()[file]!;
        const before = counts.slice(0, file).reduce((sum, count) => sum + count, 0);
        for (let start = file === from.file ? from.offset : 0; start < records.length; ) {
          const end = Math.min(start + rowsPerBatch, records.length);
          read += end - start;
          const bytes = before + Math.round((counts[file]! * end) / records.length);
          yield { records: records.slice(start, end), bad: [], next: { file, offset: end, line: end, read, bytes } };
          start = end;
        }
      }
    },
    digests: async () => files.map(({ name }) => sha256(`${id}/${name}`)),
  };
}

interface Film {
  readonly record: ItemRecord;
  readonly taste: Vector;
  /** Natural logarithm of how often it would be chosen if tastes were flat. */
  readonly fame: number;
  /** How good it is, in stars above or below the mean. */
  readonly quality: number;
}

interface Person {
  readonly record: UserRecord;
  readonly taste: Vector;
  /** Stars above or below the mean that they give. */
  readonly leniency: number;
  readonly ratings: number;
}

function recordsOf(options: WorldOptions): DataRecord[][] {
  const genreTastes = genres.map((genre) => direction(new RandomStream(options.seed, 'genre', genre)));
  const films = filmsOf(options, genreTastes);
  const people = peopleOf(options, genreTastes);
  const interactions = people.flatMap((person, index) => ratingsOf(options, person, index, films));
  interactions.sort((a, b) => a.at - b.at || (a.user < b.user ? -1 : 1));
  return [
    people.map(({ record }) => record),
    films.map(({ record }) => record),
    interactions,
    trustOf(options, people),
  ];
}

function filmsOf({ seed, films }: WorldOptions, genreTastes: readonly Vector[]): Film[] {
  const titles = titlesOf(seed, films);
  return titles.map((title, index) => {
    const random = new RandomStream(seed, 'film', index);
    const own = new Set([random.integer(genres.length)]);
    while (random.uniform() < 0.45 && own.size < 3) own.add(random.integer(genres.length));
    const year = 2020 - Math.floor(56 * random.uniform() ** 2);
    const at = Date.UTC(year, random.integer(12), 1 + random.integer(28));
    const taste = direction(
      random,
      0.75,
      [...own].map((genre) => genreTastes[genre]!),
    );
    const features: FeatureValue[] = [...own]
      .sort((a, b) => a - b)
      .map((genre) => ({ kind: 'genre', value: genres[genre]! }));
    features.push({ kind: 'decade', value: `${Math.floor(year / 10) * 10}s` });
    const record: ItemRecord = { kind: 'item', id: `film-${index + 1}`, title: `${title} (${year})`, at, features };
    return { record, taste, fame: 0.8 * random.normal(), quality: 0.45 * random.normal() };
  });
}

/** Different titles: three shapes over the word lists, and a number where even those are used up. */
function titlesOf(seed: number, count: number): string[] {
  const random = new RandomStream(seed, 'titles');
  const pick = (words: readonly string[]): string => words[random.integer(words.length)]!;
  const used = new Set<string>();
  for (let tries = 0; used.size < count; tries++) {
    const shape = random.integer(4);
    let title = `The ${pick(adjectives)} ${pick(nouns)}`;
    if (shape === 1) title = `${pick(nouns)} of ${pick(places)}`;
    if (shape === 2) title = `${pick(adjectives)} ${pick(nouns)}: ${pick(subtitles)}`;
    if (shape === 3) title = `A ${pick(nouns)} in ${pick(places)}`.replace(/^A (?=[AEIOU])/, 'An ');
    used.add(tries < 20 * count ? title : `${title} ${tries}`);
  }
  return [...used];
}

function peopleOf({ seed, users, films, ratings }: WorldOptions, genreTastes: readonly Vector[]): Person[] {
  // Some rate a lot and most a little, as everywhere: a log-normal number, scaled to the sum that was asked for.
  const shares = Array.from({ length: users }, (_, index) =>
    Math.exp(0.7 * new RandomStream(seed, 'share', index).normal()),
  );
  const scale = ratings / shares.reduce((sum, share) => sum + share, 0);
  return shares.map((share, index) => {
    const random = new RandomStream(seed, 'person', index);
    const age = random.integer(ageGroups.length);
    const occupation = random.integer(occupations.length);
    // Age and occupation pull a little towards genres of their own, so that they tell something about a newcomer.
    const pulls = [genreTastes[(age * 5) % genres.length]!, genreTastes[(occupation * 3 + 1) % genres.length]!];
    const favourite = genreTastes[random.integer(genres.length)]!;
    const taste = direction(random, 0.7, [favourite, favourite, ...pulls]);
    const record: UserRecord = {
      kind: 'user',
      id: `user-${index + 1}`,
      features: [
        { kind: 'age group', value: ageGroups[age]! },
        { kind: 'occupation', value: occupations[occupation]! },
      ],
    };
    const most = Math.floor(films / 2);
    return {
      record,
      taste,
      leniency: 0.3 * random.normal(),
      ratings: Math.max(Math.min(5, most), Math.min(most, Math.round(share * scale))),
    };
  });
}

/**
 * Films are drawn without replacement with probability ∝ exp(fame + tasteWeight · √dim · ⟨taste, film⟩): the highest of these
 * sums with a Gumbel variable added to each (Vieira, "Gumbel-max trick and weighted reservoir sampling", 2014).
 */
function ratingsOf({ seed }: WorldOptions, person: Person, index: number, films: readonly Film[]): InteractionRecord[] {
  const random = new RandomStream(seed, 'ratings', index);
  const keys = films.map((film, item) => {
    const fit = Math.sqrt(tasteDim) * dot(person.taste, film.taste);
    const gumbel = -Math.log(-Math.log(random.uniform() || Number.MIN_VALUE));
    return { item, fit, key: film.fame + tasteWeight * fit + gumbel };
  });
  keys.sort((a, b) => b.key - a.key || a.item - b.item);
  const chosen = random.shuffle(keys.slice(0, person.ratings));
  const joined = random.integer(Math.floor(days * 0.7));
  const times = chosen.map(() => firstDay + (joined + (days - joined) * random.uniform() ** 1.5) * day);
  times.sort((a, b) => a - b);
  return chosen.map(({ item, fit }, order) => {
    const film = films[item]!;
    const stars = Math.round(3.2 + person.leniency + film.quality + 0.6 * fit + 0.5 * random.normal());
    const value = Math.min(5, Math.max(1, stars));
    const at = Math.floor(times[order]! / 1000) * 1000;
    return { kind: 'interaction', user: person.record.id, item: film.record.id, type: 'rating', at, value };
  });
}

/** Each trusts up to five of those whose taste is nearest among thirty whom they happen to know. */
function trustOf({ seed }: WorldOptions, people: readonly Person[]): TrustRecord[] {
  return people.flatMap(({ record, taste }, index) => {
    const random = new RandomStream(seed, 'trust', index);
    const known = new Set<number>();
    for (let draw = 0; draw < 30; draw++) known.add(random.integer(people.length));
    known.delete(index);
    const near = [...known].sort((a, b) => dot(taste, people[b]!.taste) - dot(taste, people[a]!.taste) || a - b);
    return near
      .slice(0, 1 + random.integer(5))
      .map((other): TrustRecord => ({ kind: 'trust', user: record.id, trusted: people[other]!.record.id }));
  });
}

/** A random direction, or one between it and the mean of others: `towards` is the share of the mean. */
function direction(random: RandomStream, towards = 0, others: readonly Vector[] = []): Vector {
  const unit = (vector: Vector): Vector => {
    const length = Math.sqrt(dot(vector, vector)) || 1;
    return vector.map((x) => x / length);
  };
  const own = unit(Float64Array.from({ length: tasteDim }, () => random.normal()));
  if (others.length === 0) return own;
  const mean = unit(own.map((_, d) => others.reduce((sum, other) => sum + other[d]!, 0)));
  return unit(own.map((x, d) => (1 - towards) * x + towards * mean[d]!));
}

const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, d) => sum + x * b[d]!, 0);
