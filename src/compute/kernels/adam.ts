// Adam on a whole dense parameter in one pass.

/**
 * Kingma & Ba, ICLR 2015, algorithm 1, with the bias corrections folded into `step` and `epsilon`, on elements begin ≤ i < end, with
 * gradient + decay · parameter. parameters, first, second, gradient: f32.
 */
export function adamDense(
  thread: i32, begin: i32, end: i32,
  gradient: usize, decay: f32, parameters: usize, first: usize, second: usize, step: f32, beta1: f32, beta2: f32, epsilon: f32,
): void {
  const shrink = f32x4.splat(decay), steps = f32x4.splat(step), guard = f32x4.splat(epsilon);
  const b1 = f32x4.splat(beta1), c1 = f32x4.splat(1 - beta1), b2 = f32x4.splat(beta2), c2 = f32x4.splat(1 - beta2);
  let i = begin;
  for (; i + 4 <= end; i += 4) {
    const at = <usize>i << 2;
    const p = v128.load(parameters + at);
    const d = f32x4.add(v128.load(gradient + at), f32x4.mul(shrink, p));
    const m = f32x4.add(f32x4.mul(b1, v128.load(first + at)), f32x4.mul(c1, d));
    const v = f32x4.add(f32x4.mul(b2, v128.load(second + at)), f32x4.mul(c2, f32x4.mul(d, d)));
    v128.store(first + at, m);
    v128.store(second + at, v);
    v128.store(parameters + at, f32x4.sub(p, f32x4.div(f32x4.mul(steps, m), f32x4.add(f32x4.sqrt(v), guard))));
  }
  for (; i < end; i++) {
    const at = <usize>i << 2;
    const p = load<f32>(parameters + at);
    const d = load<f32>(gradient + at) + decay * p;
    const m = beta1 * load<f32>(first + at) + (1 - beta1) * d;
    const v = beta2 * load<f32>(second + at) + (1 - beta2) * (d * d);
    store<f32>(first + at, m);
    store<f32>(second + at, v);
    store<f32>(parameters + at, p - (step * m) / (sqrt<f32>(v) + epsilon));
  }
}
