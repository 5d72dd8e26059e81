// 학습하는 망에서 보이는 것: 층마다의 신호, 유닛의 포화, 가중치, 결정 경계, 처음 넘친 곳. 신호는 마지막 걸음의 배치에서
// 잽니다. 층의 번호는 1부터이고 depth + 1이 출력층입니다.

import { finish, makeOutputs } from "./network.js";

/** 층마다의 신호. 마지막 층의 출력은 로짓이므로 포화를 재지 않습니다(NaN). */
export function layerSignals(training) {
  const { net, work, before, steps } = training;
  const each = (measure) => Float64Array.from(net.weights, (_, l) => measure(l));
  const counts = net.weights.slice(1).map((_, l) => saturatedCounts(training, l + 1));
  const hidden = (measure) => each((l) => (l < counts.length ? measure(counts[l]) : NaN));
  const batch = training.labels.length;
  return {
    activation_rms: each((l) => rms(work.outputs[l + 1])),
    delta_rms: each((l) => rms(work.deltas[l + 1])),
    weight_gradient_rms: each((l) => rms(work.weights[l])),
    update_ratio: each((l) => (steps ? difference(net.weights[l], before[l]) / rms(before[l]) : NaN)),
    saturated: hidden((of) => of.reduce((sum, count) => sum + count, 0) / (batch * of.length)),
    // 배치의 모든 입력에서 포화된 유닛의 비율. ReLU에서는 죽은 유닛입니다.
    dead: hidden((of) => of.filter((count) => count === batch).length / of.length),
  };
}

/** 은닉층의 유닛마다, 배치 가운데 포화된 것의 비율을 0–255로. 255는 모든 입력에서라는 뜻이라 내림합니다. */
export function saturationMaps(training) {
  const { net, labels } = training;
  const share = (count) => Math.floor((255 * count) / labels.length);
  return net.weights.slice(1).map((_, l) => Uint8Array.from(saturatedCounts(training, l + 1), share));
}

/** 은닉층의 유닛마다, 배치 가운데 포화된(기울기가 최댓값의 5 %도 안 되는) 입력의 수. 발산해 NaN이 된 것은 세지 않습니다. */
function saturatedCounts({ net, work }, layer) {
  const { slope, steepest } = net.activation;
  const [a, width] = [work.outputs[layer], net.sizes[layer]];
  const counts = new Uint32Array(width);
  for (let i = 0; i < a.length; i += width)
    for (let j = 0; j < width; j++) {
      const value = a[i + j];
      if (value === value && slope(value) < 0.05 * steepest) counts[j] += 1;
    }
  return counts;
}

/** 유닛(0부터) 하나에 들어오는 가중치. limit은 그 층에서 가장 큰 크기입니다. */
export function unitWeights({ net }, { layer, unit }) {
  const [weight, width] = [net.weights[layer - 1], net.sizes[layer]];
  const values = Float32Array.from({ length: net.sizes[layer - 1] }, (_, i) => weight[i * width + unit]);
  let limit = 0;
  for (let i = 0; i < weight.length; i++) limit = Math.max(limit, Math.abs(weight[i]));
  return { layer, unit, values, limit };
}

const EDGE = 1.2;
const [FEWEST, MOST] = [8, 80];

/** [−1.2, 1.2]²을 나눈 칸마다 망이 답하는 클래스와 그 확률(0–255). 맨 위의 행이 먼저이고, 곱셈은 work번쯤입니다. */
export function boundaryMap({ net }, work) {
  const perCell = net.weights.reduce((sum, weight) => sum + weight.length, 0);
  const size = Math.min(Math.max(Math.floor(Math.sqrt(work / perCell)), FEWEST), MOST);
  const [classes, sure] = [new Uint8Array(size * size), new Uint8Array(size * size)];
  // 한 줄씩 흘려 보냅니다.
  const outputs = makeOutputs(size, net.sizes);
  const middle = (i) => EDGE * ((2 * i + 1) / size - 1);
  for (let row = 0; row < size; row++) {
    for (let i = 0; i < size; i++) outputs[0].set([middle(i), -middle(row)], 2 * i);
    const logits = finish(net.forward(outputs));
    for (let i = 0; i < size; i++) {
      const scores = logits.subarray(i * net.sizes.at(-1), (i + 1) * net.sizes.at(-1));
      const best = Math.max(...scores);
      classes[row * size + i] = Math.max(scores.indexOf(best), 0);
      sure[row * size + i] = 255 / scores.reduce((sum, score) => sum + Math.exp(score - best), 0);
    }
  }
  return { size, classes, sure };
}

/** 손실은 유한한데 기울기가 넘쳤으면 그곳. δ가 한 층에서 넘치면 그 아래 층의 δ도 모두 넘치므로, 첫째 층만 보면 압니다. */
export function brokenGradient({ work, steps }) {
  if (allFinite(work.biases[0])) return null;
  const layer = work.deltas.findLastIndex((delta) => !allFinite(delta));
  return { step: steps + 1, layer: Math.max(layer, 1), what: "gradient" };
}

/** 손실이나 로짓이 넘친 곳: 지난 갱신에서 넘친 파라미터가 있으면 그 층, 아니면 outputs에서 처음 넘친 층. */
export function brokenForward({ net, steps }, outputs, step) {
  const updated = net.weights.findIndex((weight, l) => !allFinite(weight) || !allFinite(net.biases[l]));
  if (updated >= 0) return { step: steps, layer: updated + 1, what: "update" };
  const layer = outputs.findIndex((values) => !allFinite(values));
  return layer > 0 ? { step, layer, what: "activation" } : { step, layer: net.weights.length, what: "loss" };
}

export function allFinite(values) {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

// float32의 제곱은 float64에서 넘치지도 사라지지도 않습니다.
function rms(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] * values[i];
  return Math.sqrt(sum / values.length);
}

function difference(values, others) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] - others[i]) ** 2;
  return Math.sqrt(sum / values.length);
}
