/** Small drawings of one line width, 24 × 24. A new one is a line here. */
const drawings = {
  bolt: 'M13 3 5 14h6l-1 7 8-11h-6z',
  chart: 'M4 20V10M10 20V4M16 20v-7M22 20H2',
  clock: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 7v5l3 2',
  compare: 'M4 4h6v16H4zM14 4h6v16h-6z',
  database: 'M4 6c0-4 16-4 16 0v12c0 4-16 4-16 0zM4 6c0 4 16 4 16 0M4 12c0 4 16 4 16 0',
  flask: 'M9 3h6M10 3v6L4 19c-.6 1 0 2 1 2h14c1 0 1.600-1 1-2L14 9V3M7 15h10',
  gear: 'M12 8.500a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2',
  graph:
    'M6 6l12 3M6 6l6 12M18 9l-6 9M6 4a2 2 0 1 0 0 4 2 2 0 0 0 0-4M18 7a2 2 0 1 0 0 4 2 2 0 0 0 0-4M12 16a2 2 0 1 0 0 4 2 2 0 0 0 0-4',
  key: 'M8 11a4 4 0 1 0 0 8 4 4 0 0 0 0-8M11 12l9-9M16 7l3 3',
  layers: 'M12 3 2 8l10 5 10-5zM3 13l9 5 9-5M3 17l9 5 9-5',
  leave: 'M10 4H5v16h5M10 12h11M17 8l4 4-4 4',
  list: 'M8 6h13M8 12h13M8 18h13M3 6h1M3 12h1M3 18h1',
  map: 'M5 7h.01M9 16h.01M13 5h.01M15 12h.01M19 17h.01M19 8h.01M10 10h.01M5 19h.01',
  menu: 'M4 7h16M4 12h16M4 17h16',
  moon: 'M20 14A8 8 0 0 1 10 4a8 8 0 1 0 10 10',
  person: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8M4 21c0-8 16-8 16 0',
  pulse: 'M2 12h5l3-8 4 16 3-8h5',
  query: 'M10 4a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15 15l6 6',
  star: 'M12 3l2.700 6 6.300.600-4.800 4.200 1.400 6.200-5.600-3.300L6.400 20l1.400-6.200L3 9.600 9.300 9z',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.500 1.500M17.500 17.500 19 19M19 5l-1.500 1.500M6.500 17.500 5 19',
  warning: 'M12 3 2 20h20zM12 10v4M12 17h.01',
} as const;

export type IconName = keyof typeof drawings;

/** Beside words that say the same: readers of the screen pass over it. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={drawings[name]} />
    </svg>
  );
}
