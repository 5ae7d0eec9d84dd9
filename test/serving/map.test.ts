/** Planted directions come out as groups of a plane. */
import { expect, it } from 'vitest';
import { directions, drawTogether, fitPlane, principalPlane } from '../../src/serving/map/project.ts';
import { numbers } from './home.ts';

const [groups, each, dim] = [3, 20, 6];

/** Row `i` points along axis `i % groups`, with some noise; its length says nothing. */
function plantedRows(): Float32Array {
  const draw = numbers(5);
  const rows = Float32Array.from({ length: groups * each * dim }, () => draw() * 0.2);
  for (let row = 0; row < groups * each; row++) {
    rows[row * dim + (row % groups)]! += 1;
    const length = 1 + Math.abs(draw()) * 3;
    for (let d = 0; d < dim; d++) rows[row * dim + d]! *= length;
  }
  return rows;
}

/** Share of rows whose nearest other on the plane is of their group. */
function together(plane: Float32Array): number {
  const count = plane.length / 2;
  let alike = 0;
  for (let row = 0; row < count; row++) {
    let [best, least] = [-1, Number.POSITIVE_INFINITY];
    for (let other = 0; other < count; other++) {
      const squares = (plane[2 * row]! - plane[2 * other]!) ** 2 + (plane[2 * row + 1]! - plane[2 * other + 1]!) ** 2;
      if (other !== row && squares < least) [best, least] = [other, squares];
    }
    if (best % groups === row % groups) alike++;
  }
  return alike / count;
}

it('groups lie apart by components alone, and with neighbours; the same again', () => {
  const turned = directions(plantedRows(), dim);
  const plane = principalPlane(turned, dim);
  expect(together(plane)).toBe(1);
  const count = groups * each;
  const k = 5;
  const neighbours = Int32Array.from({ length: count * k }, (_, edge) => {
    const row = Math.floor(edge / k);
    return (row + groups * (1 + (edge % k))) % count;
  });
  const drawn = plane.slice();
  drawTogether(drawn, neighbours, k, 7);
  fitPlane(drawn);
  expect(together(drawn)).toBe(1);
  expect(Math.max(...drawn.map(Math.abs))).toBeLessThanOrEqual(1.1);
  const again = plane.slice();
  drawTogether(again, neighbours, k, 7);
  fitPlane(again);
  expect(again).toEqual(drawn);
});

it('one row, or rows without a length, have a place too', () => {
  expect([...principalPlane(directions(new Float32Array(4), 4), 4)]).toEqual([0, 0]);
  const plane = principalPlane(directions(new Float32Array(8), 4), 4);
  fitPlane(plane);
  expect([...plane].every(Number.isFinite)).toBe(true);
});
