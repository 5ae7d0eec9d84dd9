// One step of an optimizer on a span of floats, of any length: four at a time, what is left one at a time with the same
// operations in the same order, so a number's result does not depend on where in the span it lies. Nothing is fused, so both
// builds of the kernels give the same bits.

/**
 * Adam with the gradient scaled · g + shrink · p (Kingma & Ba, ICLR 2015, algorithm 1; the bias corrections are in `step` and
 * `epsilon`). `keep` is 1, or 1 − learning rate · decay for the decoupled decay of AdamW (Loshchilov & Hutter, ICLR 2019,
 * algorithm 2).
 */
// @ts-ignore: decorator
@inline
export function adamSpan(
  gradient: usize, scale: f32, shrink: f32, parameters: usize, first: usize, second: usize, width: usize,
  step: f32, beta1: f32, beta2: f32, epsilon: f32, keep: f32,
): void {
  const vScale = f32x4.splat(scale), vShrink = f32x4.splat(shrink), vStep = f32x4.splat(step), vEpsilon = f32x4.splat(epsilon);
  const b1 = f32x4.splat(beta1), c1 = f32x4.splat(1 - beta1), b2 = f32x4.splat(beta2), c2 = f32x4.splat(1 - beta2);
  const vKeep = f32x4.splat(keep);
  let at: usize = 0;
  for (; at + 16 <= width; at += 16) {
    const p = v128.load(parameters + at);
    const d = f32x4.add(f32x4.mul(vScale, v128.load(gradient + at)), f32x4.mul(vShrink, p));
    const m = f32x4.add(f32x4.mul(b1, v128.load(first + at)), f32x4.mul(c1, d));
    const v = f32x4.add(f32x4.mul(b2, v128.load(second + at)), f32x4.mul(c2, f32x4.mul(d, d)));
    v128.store(first + at, m);
    v128.store(second + at, v);
    const change = f32x4.div(f32x4.mul(vStep, m), f32x4.add(f32x4.sqrt(v), vEpsilon));
    v128.store(parameters + at, f32x4.sub(f32x4.mul(vKeep, p), change));
  }
  for (; at < width; at += 4) {
    const p = load<f32>(parameters + at);
    const d: f32 = scale * load<f32>(gradient + at) + shrink * p;
    const m: f32 = beta1 * load<f32>(first + at) + (1 - beta1) * d;
    const v: f32 = beta2 * load<f32>(second + at) + (1 - beta2) * (d * d);
    store<f32>(first + at, m);
    store<f32>(second + at, v);
    store<f32>(parameters + at, keep * p - (step * m) / (sqrt<f32>(v) + epsilon));
  }
}

/** AdaGrad: sums += g², p −= rate · g / (√sums + ε), g = scale · gradient + shrink · p (Duchi et al., JMLR 2011, section 1.1). */
// @ts-ignore: decorator
@inline
export function adagradSpan(
  gradient: usize, scale: f32, shrink: f32, parameters: usize, sums: usize, width: usize, rate: f32, epsilon: f32,
): void {
  const vScale = f32x4.splat(scale), vShrink = f32x4.splat(shrink), vRate = f32x4.splat(rate), vEpsilon = f32x4.splat(epsilon);
  let at: usize = 0;
  for (; at + 16 <= width; at += 16) {
    const p = v128.load(parameters + at);
    const d = f32x4.add(f32x4.mul(vScale, v128.load(gradient + at)), f32x4.mul(vShrink, p));
    const s = f32x4.add(v128.load(sums + at), f32x4.mul(d, d));
    v128.store(sums + at, s);
    v128.store(parameters + at, f32x4.sub(p, f32x4.div(f32x4.mul(vRate, d), f32x4.add(f32x4.sqrt(s), vEpsilon))));
  }
  for (; at < width; at += 4) {
    const p = load<f32>(parameters + at);
    const d: f32 = scale * load<f32>(gradient + at) + shrink * p;
    const s: f32 = load<f32>(sums + at) + d * d;
    store<f32>(sums + at, s);
    store<f32>(parameters + at, p - (rate * d) / (sqrt<f32>(s) + epsilon));
  }
}

/**
 * Gradient descent: p −= rate · g, or with a velocity (0 for none) v = momentum · v + g, p −= rate · v (Sutskever et al., ICML
 * 2013, with the rate outside the velocity, as PyTorch has it, so that a schedule acts at once).
 */
// @ts-ignore: decorator
@inline
export function sgdSpan(
  gradient: usize, scale: f32, shrink: f32, parameters: usize, velocity: usize, width: usize, rate: f32, momentum: f32,
): void {
  const vScale = f32x4.splat(scale), vShrink = f32x4.splat(shrink), vRate = f32x4.splat(rate), vMomentum = f32x4.splat(momentum);
  let at: usize = 0;
  for (; at + 16 <= width; at += 16) {
    const p = v128.load(parameters + at);
    let d = f32x4.add(f32x4.mul(vScale, v128.load(gradient + at)), f32x4.mul(vShrink, p));
    if (velocity) {
      d = f32x4.add(f32x4.mul(vMomentum, v128.load(velocity + at)), d);
      v128.store(velocity + at, d);
    }
    v128.store(parameters + at, f32x4.sub(p, f32x4.mul(vRate, d)));
  }
  for (; at < width; at += 4) {
    const p = load<f32>(parameters + at);
    let d: f32 = scale * load<f32>(gradient + at) + shrink * p;
    if (velocity) {
      d = momentum * load<f32>(velocity + at) + d;
      store<f32>(velocity + at, d);
    }
    store<f32>(parameters + at, p - rate * d);
  }
}
