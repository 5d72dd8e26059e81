// wi_lib의 network.py와 짝을 이룹니다: 순전파, 소프트맥스 교차 엔트로피, 역전파.
// 층 l의 계산은 z = a W + b, a' = f(z)이고 마지막 층에는 활성화 함수가 없습니다. 배열은 행 우선인 Float32Array입니다.

import { getActivation } from "./activations.js";
import { getInitializer } from "./initializers.js";

const f32 = Math.fround;

/**
 * C(m×n) = A(m×k) B(k×n). 원소 A[i,p]는 a[i·ai + p·ap], B[p,j]는 b[p·bp + j·bj]이므로 ai와 ap를 바꾸면 전치입니다.
 *
 * 가로세로 네 칸씩 한꺼번에 구하면 읽은 수 여덟 개로 곱셈 열여섯 번을 하므로, 한 칸씩 구할 때보다 두 배쯤 빠릅니다.
 * 네 칸으로 나누어떨어지지 않는 끝에서는 앞의 칸을 다시 구합니다: 자투리만 따로 도는 것보다 짧고 느리지 않습니다.
 */
export function matmul(a, ai, ap, b, bp, bj, c, m, n, k) {
  for (let i = 0; i < m; i += 4) {
    const [i0, i1, i2, i3] = four(i, m);
    for (let j = 0; j < n; j += 4) {
      const [j0, j1, j2, j3] = four(j, n);
      let p0 = i0 * ai, p1 = i1 * ai, p2 = i2 * ai, p3 = i3 * ai;
      let q0 = j0 * bj, q1 = j1 * bj, q2 = j2 * bj, q3 = j3 * bj;
      let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
      let s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
      for (let p = 0; p < k; p++) {
        const b0 = b[q0], b1 = b[q1], b2 = b[q2], b3 = b[q3];
        const a0 = a[p0], a1 = a[p1], a2 = a[p2], a3 = a[p3];
        s00 += a0 * b0; s01 += a0 * b1; s02 += a0 * b2; s03 += a0 * b3;
        s10 += a1 * b0; s11 += a1 * b1; s12 += a1 * b2; s13 += a1 * b3;
        s20 += a2 * b0; s21 += a2 * b1; s22 += a2 * b2; s23 += a2 * b3;
        s30 += a3 * b0; s31 += a3 * b1; s32 += a3 * b2; s33 += a3 * b3;
        p0 += ap; p1 += ap; p2 += ap; p3 += ap;
        q0 += bp; q1 += bp; q2 += bp; q3 += bp;
      }
      const c0 = i0 * n, c1 = i1 * n, c2 = i2 * n, c3 = i3 * n;
      c[c0 + j0] = s00; c[c0 + j1] = s01; c[c0 + j2] = s02; c[c0 + j3] = s03;
      c[c1 + j0] = s10; c[c1 + j1] = s11; c[c1 + j2] = s12; c[c1 + j3] = s13;
      c[c2 + j0] = s20; c[c2 + j1] = s21; c[c2 + j2] = s22; c[c2 + j3] = s23;
      c[c3 + j0] = s30; c[c3 + j1] = s31; c[c3 + j2] = s32; c[c3 + j3] = s33;
    }
  }
}

/** start부터 네 칸. 끝을 넘으면 마지막 네 칸이고, 네 칸이 안 되면 마지막 칸을 되풀이합니다. */
function four(start, length) {
  const from = Math.max(Math.min(start, length - 4), 0);
  const last = length - 1;
  return [from, Math.min(from + 1, last), Math.min(from + 2, last), Math.min(from + 3, last)];
}

/** 층마다의 출력을 둘 배열. 첫째가 입력입니다. 활성화 함수는 배열을 통째로 바꾸므로 길이가 입력 수와 맞아야 합니다. */
export function makeOutputs(count, sizes) {
  return sizes.map((n) => new Float32Array(count * n));
}

/** 배치 하나의 순전파와 역전파에 쓰는 배열. outputs[0]이 입력이고, deltas[l]과 기울기는 backpropagate가 적습니다. */
export class Workspace {
  constructor(count, sizes) {
    this.outputs = makeOutputs(count, sizes);
    // deltas[l]은 l층의 가중합 z에 대한 기울기 δ입니다. 0층(입력)에는 없습니다.
    this.deltas = makeOutputs(count, [0, ...sizes.slice(1)]);
    this.weights = sizes.slice(1).map((n, l) => new Float32Array(sizes[l] * n));
    this.biases = sizes.slice(1).map((n) => new Float32Array(n));
    this.gradients = [...this.weights, ...this.biases];
  }
}

// 곱셈이 이보다 많은 행렬 곱 뒤에는 쉽니다. 400만 번은 4밀리초쯤 걸립니다.
const LONG = 4e6;

/** 다 갈 때까지 이어서 가고 결과를 돌려줍니다. */
export function finish(parts) {
  for (;;) {
    const { value, done } = parts.next();
    if (done) return value;
  }
}

export class MLP {
  constructor(sizes, activation, initializer, rng) {
    this.sizes = sizes;
    this.activation = getActivation(activation);
    const draw = getInitializer(initializer);
    this.weights = sizes.slice(1).map((n, l) => draw(sizes[l], n, rng));
    this.biases = sizes.slice(1).map((n) => new Float32Array(n));
    this.parameters = [...this.weights, ...this.biases];
  }

  /** outputs[0]을 흘려 보내고 로짓을 돌려줍니다. 큰 층에서는 층마다 쉬므로, 하던 일을 나누거나 그만둘 수 있습니다. */
  *forward(outputs) {
    const { sizes, weights, biases } = this;
    const count = outputs[0].length / sizes[0];
    for (let l = 0; l < weights.length; l++) {
      const [fanIn, fanOut, z] = [sizes[l], sizes[l + 1], outputs[l + 1]];
      matmul(outputs[l], fanIn, 1, weights[l], fanOut, 1, z, count, fanOut, fanIn);
      addToRows(z, biases[l]);
      if (l + 1 < weights.length) this.activation.apply(z);
      if (count * fanIn * fanOut > LONG) yield;
    }
    return outputs.at(-1);
  }

  /** work.outputs[0]을 흘려 보내고 되돌려, 기울기를 work에 적고 손실을 돌려줍니다. 쉬는 것은 forward와 같습니다. */
  *backpropagate(work, labels) {
    const { sizes, weights } = this;
    const { outputs, deltas } = work;
    const count = labels.length;
    const loss = crossEntropy(yield* this.forward(outputs), deltas.at(-1), labels, sizes.at(-1));
    for (let l = weights.length - 1; l >= 0; l--) {
      const [fanIn, fanOut, a, delta] = [sizes[l], sizes[l + 1], outputs[l], deltas[l + 1]];
      matmul(a, 1, fanIn, delta, fanOut, 1, work.weights[l], fanIn, fanOut, count);
      sumRows(delta, work.biases[l]);
      if (count * fanIn * fanOut > LONG) yield;
      if (!l) continue;
      matmul(delta, fanOut, 1, weights[l], 1, fanOut, deltas[l], count, fanIn, fanOut);
      multiplySlope(deltas[l], a, this.activation.slope);
      if (count * fanIn * fanOut > LONG) yield;
    }
    return loss;
  }
}

function addToRows(matrix, row) {
  const width = row.length;
  for (let i = 0; i < matrix.length; i += width) for (let j = 0; j < width; j++) matrix[i + j] += row[j];
}

function sumRows(matrix, sums) {
  const width = sums.length;
  for (let j = 0; j < width; j++) {
    let sum = 0;
    for (let i = j; i < matrix.length; i += width) sum += matrix[i];
    sums[j] = sum;
  }
}

function multiplySlope(delta, a, slope) {
  for (let i = 0; i < a.length; i++) delta[i] *= slope(a[i]);
}

/**
 * 평균 교차 엔트로피를 돌려주고, 로짓에 대한 그 기울기를 delta에 적습니다.
 *
 * 소프트맥스와 함께 미분하면 (확률 − 정답)이고, 배치 평균이므로 입력 수로 나눕니다. logits는 그대로 둡니다.
 */
function crossEntropy(logits, delta, labels, classes) {
  const count = labels.length;
  let loss = 0;
  for (let i = 0; i < count; i++) {
    const scores = delta.subarray(i * classes, (i + 1) * classes);
    let largest = -Infinity;
    for (let j = 0; j < classes; j++) largest = Math.max(largest, logits[i * classes + j]);
    let total = 0;
    for (let j = 0; j < classes; j++) {
      scores[j] = f32(logits[i * classes + j] - largest);
      if (j === labels[i]) loss -= scores[j];
      scores[j] = Math.exp(scores[j]);
      total = f32(total + scores[j]);
    }
    loss += f32(Math.log(total));
    for (let j = 0; j < classes; j++) scores[j] = f32(f32(scores[j] / total) - (j === labels[i] ? 1 : 0)) / count;
  }
  // wi_lib은 배치의 손실을 float32로 더하므로, 거기서 넘치는 손실은 여기서도 무한대입니다.
  return f32(loss) / count;
}
