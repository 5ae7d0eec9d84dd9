/** Lines over time or steps, drawn by uPlot in the colours of the theme, with the same figures as a table. */
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { figure } from '../format.ts';
import { useTheme } from '../theme.ts';

export interface LineChartProps {
  readonly title: string;
  readonly x: {
    readonly name: string;
    /** Ascending: steps, or ms since 1970 where `isTime`. */
    readonly values: readonly number[];
    readonly isTime?: boolean;
  };
  /** At most six, in the order of the colours. A value that is not known is null: the line is broken there. */
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
  /** The line goes on over what is not known: for figures of some epochs only. */
  readonly joined?: boolean;
  readonly format?: (value: number) => string;
  /** px. */
  readonly height?: number;
}

export function LineChart({ title, x, series, joined = false, format = figure, height = 220 }: LineChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const theme = useTheme();
  const [asTable, setAsTable] = useState(false);
  const names = series.map(({ name }) => name).join('\n');
  const data = [
    x.isTime ? x.values.map((at) => at / 1000) : [...x.values],
    ...series.map(({ values }) => [...values]),
  ] as uPlot.AlignedData;
  const shape = useRef({ data, format });
  shape.current = { data, format };

  useEffect(() => {
    const box = place.current!;
    const style = getComputedStyle(box);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const axis = {
      stroke: colour('muted'),
      font: `12px ${style.fontFamily}`,
      grid: { stroke: colour('line'), width: 1 },
      ticks: { show: false },
    };
    const say = (value: number | null) => (value === null ? '–' : shape.current.format(value));
    const made = new uPlot(
      {
        width: Math.max(box.clientWidth, 1),
        height,
        scales: { x: { time: x.isTime === true, range: xRange }, y: { range: yRange } },
        axes: [axis, { ...axis, size: 64, values: (_, ticks) => ticks.map(say) }],
        series: [
          { label: x.name },
          ...names.split('\n').map((label, index) => ({
            label,
            stroke: colour(`chart-${index + 1}`),
            width: 2,
            spanGaps: joined,
            points: { show: (plot: uPlot) => plot.data[0].length < 3 },
            value: (_: uPlot, value: number | null) => say(value),
          })),
        ],
        cursor: { y: false, drag: { x: false, y: false } },
      },
      shape.current.data,
      box,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: Math.max(box.clientWidth, 1), height }));
    resized.observe(box);
    return () => {
      resized.disconnect();
      made.destroy();
    };
  }, [theme, names, height, joined, x.name, x.isTime]);
  useEffect(() => plot.current?.setData(data), [JSON.stringify(data)]);

  const xText = (value: number) => (x.isTime ? new Date(value).toLocaleTimeString('en') : figure(value));
  return (
    <figure class="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} role="img" aria-label={`${title}: ${series.map(({ name }) => name).join(', ')}`} />
      <details onToggle={({ currentTarget }) => setAsTable(currentTarget.open)}>
        <summary>As a table</summary>
        {asTable && (
          <>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
            <section class="scroll" aria-label={`${title}, as a table`} tabIndex={0}>
              <table>
                <thead>
                  <tr>
                    <th scope="col">{x.name}</th>
                    {series.map(({ name }) => (
                      <th key={name} scope="col" class="number">
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {x.values.map((at, row) => (
                    <tr key={at}>
                      <th scope="row">{xText(at)}</th>
                      {series.map(({ name, values }) => (
                        <td key={name} class="number">
                          {values[row] === null || values[row] === undefined ? '–' : format(values[row])}
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          </>
        )}
      </details>
    </figure>
  );
}

/** A single point stands in the middle of a span, not at the edge of years. */
function xRange(_: uPlot, least: number | null, most: number | null): uPlot.Range.MinMax {
  if (least === null || most === null) return [0, 1];
  return least === most ? [least - 30, most + 30] : [least, most];
}

/** From zero, so that heights compare; to below it only where values are. */
function yRange(_: uPlot, least: number | null, most: number | null): uPlot.Range.MinMax {
  const top = most === null || most <= 0 ? 1 : most * 1.1;
  return [Math.min(0, least ?? 0), top];
}
