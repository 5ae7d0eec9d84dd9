/** The page of the benchmark `map`: draws frames by the console's own drawing, and says how long each took. */
import { openDrawing } from '../../src/api/console/pages/map/draw.ts';

export async function drawFrames({ count, by, frames, width, height }) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  document.body.replaceChildren(canvas);
  let state = 2026;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const [positions, codes] = [new Float32Array(2 * count), new Uint8Array(count)];
  for (let at = 0; at < count; at++) {
    const heap = Math.floor(random() * 12);
    const [length, angle] = [0.25 * Math.sqrt(-2 * Math.log(1 - random())), 2 * Math.PI * random()];
    positions[2 * at] = 0.6 * Math.cos(heap) + length * Math.cos(angle);
    positions[2 * at + 1] = 0.6 * Math.sin(heap) + length * Math.sin(angle);
    codes[at] = heap % 10;
  }
  const drawing = openDrawing(canvas, by);
  const palette = Array.from({ length: 10 }, (_, n) => [25 * n, 120, 250 - 25 * n]);
  drawing.take({ positions, codes, marked: new Uint32Array() }, palette, [0, 0, 0]);
  const gl = drawing.by === 'webgl' && canvas.getContext('webgl');
  const ms = [];
  for (let frame = -5; frame < frames; frame++) {
    await new Promise(requestAnimationFrame);
    const begin = performance.now();
    drawing.draw({ x: 0.005 * frame, y: 0, scale: 240 * 1.02 ** Math.max(0, frame) });
    if (gl) gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(4)); // waits for the card
    if (frame >= 0) ms.push(performance.now() - begin);
  }
  drawing.dispose();
  return { by: drawing.by, ms };
}
