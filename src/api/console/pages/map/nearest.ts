/** Finds the point under the mouse: points by the cell of a grid that they lie in. */
const cells = 256;
const reach = 1.1; // as far as points lie from the middle

export type Finder = (x: number, y: number, radius: number) => number | undefined;

export function finderOf(positions: Float32Array): Finder {
  const count = positions.length / 2;
  const cell = (value: number) => Math.max(0, Math.min(cells - 1, Math.floor(((value + reach) / (2 * reach)) * cells)));
  const offsets = new Int32Array(cells * cells + 1);
  const cellOf = (at: number) => cell(positions[2 * at + 1]!) * cells + cell(positions[2 * at]!);
  for (let at = 0; at < count; at++) offsets[cellOf(at) + 1]!++;
  for (let place = 0; place < cells * cells; place++) offsets[place + 1]! += offsets[place]!;
  const next = offsets.slice();
  const members = new Int32Array(count);
  for (let at = 0; at < count; at++) members[next[cellOf(at)]!++] = at;
  return (x, y, radius) => {
    let best: number | undefined;
    let least = radius * radius;
    for (let row = cell(y - radius); row <= cell(y + radius); row++)
      for (let column = cell(x - radius); column <= cell(x + radius); column++)
        for (let e = offsets[row * cells + column]!; e < offsets[row * cells + column + 1]!; e++) {
          const at = members[e]!;
          const squares = (positions[2 * at]! - x) ** 2 + (positions[2 * at + 1]! - y) ** 2;
          if (squares > least) continue;
          least = squares;
          best = at;
        }
    return best;
  };
}
