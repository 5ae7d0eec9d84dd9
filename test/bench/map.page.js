/** The page of the benchmark `map`: draws frames by the console's own drawing, and says how long each took. */
import { openDrawing } from '../../src/api/console/pages/map/draw.ts';
import { RandomStream } from '../../src/random.ts';

export async function drawFrames({ count, by, frames, width, height }) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  document.body.replaceChildren(canvas);
  const random = new RandomStream(2026, 'map');
  const [positions, codes] = [new Float32Array(2 * count), new Uint8Array(count)];
  for (let at = 0; at < count; at++) {
    const heap = random.integer(12);
    positions[2 * at] = 0.6 * Math.cos(heap) + 0.25 * random.normal();
    positions[2 * at + 1] = 0.6 * Math.sin(heap) + 0.25 * random.normal();
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
