// wi_lib의 optimizers.py와 짝을 이룹니다: (parameters, learningRate) ⇒ 파라미터를 제자리에서 한 걸음 옮기는 함수.
// 식의 반올림 자리도 같습니다: NumPy는 float32 배열에 파이썬의 수를 곱할 때 그 수를 먼저 float32로 바꿉니다.

const f32 = Math.fround;
const like = (arrays) => arrays.map((array) => new Float32Array(array.length));

function sgd(parameters, learningRate) {
  const rate = f32(learningRate);
  return (gradients) => {
    parameters.forEach((w, n) => {
      const g = gradients[n];
      for (let i = 0; i < w.length; i++) w[i] -= f32(rate * g[i]);
    });
  };
}

function momentum(parameters, learningRate, beta = 0.9) {
  const [rate, kept, velocities] = [f32(learningRate), f32(beta), like(parameters)];
  return (gradients) => {
    parameters.forEach((w, n) => {
      const [g, v] = [gradients[n], velocities[n]];
      for (let i = 0; i < w.length; i++) {
        v[i] = f32(kept * v[i]) + g[i];
        w[i] -= f32(rate * v[i]);
      }
    });
  };
}

function adam(parameters, learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8) {
  const [means, squares, new1, new2] = [like(parameters), like(parameters), f32(1 - beta1), f32(1 - beta2)];
  let t = 0;
  return (gradients) => {
    t += 1;
    const root = Math.sqrt(1 - beta2 ** t);
    const [rate, small] = [f32((learningRate * root) / (1 - beta1 ** t)), f32(epsilon * root)];
    parameters.forEach((w, n) => {
      const [g, m, v] = [gradients[n], means[n], squares[n]];
      for (let i = 0; i < w.length; i++) {
        m[i] += f32(new1 * f32(g[i] - m[i]));
        v[i] += f32(new2 * f32(f32(g[i] * g[i]) - v[i]));
        w[i] -= f32(f32(rate * m[i]) / f32(f32(Math.sqrt(v[i])) + small));
      }
    });
  };
}

const OPTIMIZERS = { sgd, momentum, adam };

export function getOptimizer(name) {
  if (!Object.hasOwn(OPTIMIZERS, name)) throw new RangeError(`모르는 최적화기입니다: ${name}`);
  return OPTIMIZERS[name];
}
