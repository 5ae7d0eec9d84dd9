/** Draws points of a plane: with WebGL where it is fast, else into the pixels of a canvas. Both draw hundreds of thousands at once. */

export interface View {
  /** Of the plane, in the middle of the canvas. */
  readonly x: number;
  readonly y: number;
  /** px a unit of the plane. */
  readonly scale: number;
}

export interface Points {
  readonly positions: Float32Array; // [n, 2]
  /** Colour of each, a place in the palette. */
  readonly codes: Uint8Array; // [n]
  /** The points that stand out, drawn last and larger. */
  readonly marked: Uint32Array;
}

export type Rgb = readonly [red: number, green: number, blue: number];

export interface Drawing {
  /** New points or colours; the canvas stays as it is until `draw`. */
  take(points: Points, palette: readonly Rgb[], mark: Rgb): void;
  draw(view: View): void;
  dispose(): void;
  readonly by: 'webgl' | 'canvas';
}

/** Without a graphics card pixels are faster: a processor that computes WebGL takes some forty times as long. */
export function openDrawing(canvas: HTMLCanvasElement, by: Drawing['by'] = 'webgl'): Drawing {
  const gl = by === 'webgl' && hasCard() && canvas.getContext('webgl', { antialias: true });
  return gl ? webgl(canvas, gl) : pixels(canvas, canvas.getContext('2d')!);
}

/** Asked of another canvas: one that once had WebGL has no pixels to be set. */
function hasCard(): boolean {
  const gl = document.createElement('canvas').getContext('webgl', { failIfMajorPerformanceCaveat: true });
  if (!gl) return false;
  const named = gl.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(gl.getParameter(named ? named.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  gl.getExtension('WEBGL_lose_context')?.loseContext();
  return !/SwiftShader|llvmpipe|softpipe|software|Basic Render/i.test(renderer);
}

/** Radius of a point, px: smaller where there are many and one is far away. */
const radiusOf = (count: number, scale: number): number =>
  Math.max(1, Math.min(7, (3.2 * Math.sqrt(scale / 300)) / Math.max(1, Math.log10(count / 1000))));

const vertexShader = `
attribute vec2 position;
attribute float code;
uniform vec2 middle;
uniform vec2 scale;
uniform float size;
uniform vec3 palette[26];
varying vec3 colour;
void main() {
  gl_Position = vec4((position - middle) * scale, 0.0, 1.0);
  gl_PointSize = size;
  colour = palette[int(code)];
}`;
const fragmentShader = `
precision mediump float;
varying vec3 colour;
uniform float opacity;
void main() {
  float inside = 1.0 - smoothstep(0.8, 1.0, length(gl_PointCoord - 0.5) * 2.0);
  gl_FragColor = vec4(colour, 1.0) * inside * opacity;
}`;

function webgl(canvas: HTMLCanvasElement, gl: WebGLRenderingContext): Drawing {
  const program = gl.createProgram();
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertexShader],
    [gl.FRAGMENT_SHADER, fragmentShader],
  ] as const) {
    const shader = gl.createShader(type)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const uniform = (name: string) => gl.getUniformLocation(program, name);
  const [position, code] = [gl.getAttribLocation(program, 'position'), gl.getAttribLocation(program, 'code')];
  const buffers = Array.from({ length: 4 }, () => gl.createBuffer());
  const fill = (place: number, data: BufferSource) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[place]!);
    gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
  };
  const aim = (place: number) => {
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[place]!);
    gl.enableVertexAttribArray(position);
    gl.vertexAttribPointer(position, 2, gl.FLOAT, false, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers[place + 1]!);
    gl.enableVertexAttribArray(code);
    gl.vertexAttribPointer(code, 1, gl.UNSIGNED_BYTE, false, 0, 0);
  };
  let [count, marked] = [0, 0];
  return {
    by: 'webgl',
    take({ positions, codes, marked: chosen }, palette, mark) {
      [count, marked] = [codes.length, chosen.length];
      fill(0, new Float32Array(positions));
      fill(1, new Uint8Array(codes));
      fill(
        2,
        Float32Array.from({ length: marked * 2 }, (_, at) => positions[chosen[at >> 1]! * 2 + (at & 1)]!),
      );
      fill(3, new Uint8Array(marked).fill(25));
      const colours = Array.from({ length: 26 }, (_, at) => (at === 25 ? mark : (palette[at] ?? [0, 0, 0])));
      gl.uniform3fv(uniform('palette[0]'), new Float32Array(colours.flat().map((value) => value / 255)));
    },
    draw({ x, y, scale }) {
      const ratio = devicePixelRatio;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(uniform('middle'), x, y);
      gl.uniform2f(uniform('scale'), (2 * scale * ratio) / canvas.width, (2 * scale * ratio) / canvas.height);
      const radius = radiusOf(count, scale) * ratio;
      gl.uniform1f(uniform('opacity'), marked > 0 ? 0.35 : 0.8);
      gl.uniform1f(uniform('size'), 2 * radius + 1);
      aim(0);
      gl.drawArrays(gl.POINTS, 0, count);
      if (marked === 0) return;
      gl.uniform1f(uniform('opacity'), 1);
      gl.uniform1f(uniform('size'), 2 * radius + 6 * ratio);
      aim(2);
      gl.drawArrays(gl.POINTS, 0, marked);
    },
    dispose() {
      for (const buffer of buffers) gl.deleteBuffer(buffer);
      gl.deleteProgram(program);
    },
  };
}

function pixels(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): Drawing {
  let points: Points = { positions: new Float32Array(), codes: new Uint8Array(), marked: new Uint32Array() };
  let colours = new Uint32Array();
  let markColour: Rgb = [0, 0, 0];
  const packed = ([red, green, blue]: Rgb, opacity: number) =>
    ((Math.round(opacity * 255) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  return {
    by: 'canvas',
    take(given, palette, mark) {
      points = given;
      markColour = mark;
      colours = Uint32Array.from(palette, (each) => packed(each, given.marked.length > 0 ? 0.35 : 0.85));
    },
    draw({ x, y, scale }) {
      const { width, height } = canvas;
      const { positions, codes, marked } = points;
      const image = context.createImageData(width, height);
      const out = new Uint32Array(image.data.buffer);
      const perUnit = scale * devicePixelRatio;
      const radius = radiusOf(codes.length, scale) * devicePixelRatio;
      const { reach, places } = disc(radius, width);
      for (let at = 0; at < codes.length; at++) {
        const left = Math.round((positions[2 * at]! - x) * perUnit + width / 2);
        const top = Math.round((y - positions[2 * at + 1]!) * perUnit + height / 2);
        if (left < reach || top < reach || left >= width - reach || top >= height - reach) continue;
        const middle = top * width + left;
        const colour = colours[codes[at]!]!;
        for (let place = 0; place < places.length; place++) out[middle + places[place]!] = colour;
      }
      context.putImageData(image, 0, 0);
      context.fillStyle = `rgb(${markColour.join(' ')})`;
      for (const at of marked) {
        context.beginPath();
        const left = (positions[2 * at]! - x) * perUnit + width / 2;
        context.arc(left, (y - positions[2 * at + 1]!) * perUnit + height / 2, radius + 3, 0, 2 * Math.PI);
        context.fill();
      }
    },
    dispose() {},
  };
}

/** The pixels of a disc around its middle, as distances in an image of this width: at least a cross of five. */
function disc(radius: number, width: number): { readonly reach: number; readonly places: Int32Array } {
  const reach = Math.max(1, Math.round(radius));
  const places: number[] = [];
  for (let dy = -reach; dy <= reach; dy++) {
    const half = reach === 1 ? (dy === 0 ? 1 : 0) : Math.floor(Math.sqrt(radius * radius - dy * dy) || 0);
    for (let dx = -half; dx <= half; dx++) places.push(dy * width + dx);
  }
  return { reach, places: Int32Array.from(places) };
}
