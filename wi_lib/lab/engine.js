// 설정 하나로 망을 만들고 한 걸음씩 학습시킵니다. wi_lib의 training.py, signals.py와 짝을 이룹니다.
//
// 다음의 파이썬과 같은 가중치에서 시작해 같은 배치를 봅니다. 배치는 가중치를 뽑은 rng가 이어서 뽑습니다.
//   rng = np.random.default_rng(seed)
//   net = wi_lib.MLP(sizes, activation, initializer, rng=rng)
//   wi_lib.train(net, data, learning_rate=…, batch_size=…, iterations=…, rng=rng, optimizer=…)

import { MLP, Workspace } from "./network.js";
import { getOptimizer } from "./optimizers.js";
import { Generator } from "./random.js";

// 시험 자료는 이만큼씩 나누어 흘려 보냅니다.
const CHUNK = 256;

export class Training {
  /**
   * - setting: wi_lib의 이름 그대로 { sizes, activation, initializer, seed, learning_rate, optimizer, batch_size }.
   * - data: { x_train, y_train, x_test, y_test }. x는 행 우선인 Float32Array, y는 정수의 배열.
   */
  constructor(setting, data) {
    const { sizes, activation, initializer, seed, learning_rate, optimizer, batch_size } = setting;
    this.data = data;
    this.rng = new Generator(seed);
    this.net = new MLP(sizes, activation, initializer, this.rng);
    this.work = new Workspace(batch_size, sizes);
    this.labels = new Int32Array(batch_size);
    this.parameters = this.net.parameters;
    this.gradients = this.work.gradients;
    this.move = getOptimizer(optimizer)(this.parameters, learning_rate);
    this.steps = 0;
    this.diverged = false;
  }

  /** 배치를 뽑아 한 걸음 옮기고, 갱신하기 전의 손실을 돌려줍니다. 유한하지 않으면 발산이고 걸음으로 세지 않습니다. */
  step() {
    this.takeBatch();
    const loss = this.net.backpropagate(this.work, this.labels);
    this.move(this.gradients);
    if (Number.isFinite(loss)) this.steps += 1;
    else this.diverged = true;
    return loss;
  }

  /** step과 같이 한 걸음 옮기면서, 층마다의 신호를 잽니다. 가중치의 사본을 뜨므로 그릴 때에만 부릅니다. */
  measuredStep() {
    const before = this.net.weights.map((weight) => weight.slice());
    const loss = this.step();
    return { loss, layers: this.net.weights.map((weight, l) => this.summary(l, before[l], weight)) };
  }

  takeBatch() {
    const { x_train, y_train } = this.data;
    const features = this.net.sizes[0];
    const [x] = this.work.outputs;
    for (let i = 0; i < this.labels.length; i++) {
      const chosen = this.rng.below(y_train.length);
      this.labels[i] = y_train[chosen];
      // 배치마다 subarray를 만들어 옮기는 것보다, 예순네 칸쯤은 하나씩 옮기는 편이 빠릅니다.
      for (let j = 0; j < features; j++) x[i * features + j] = x_train[chosen * features + j];
    }
  }

  /** 층 하나(0이 첫째)의 신호. 마지막 층의 출력은 로짓이므로 포화를 재지 않습니다. */
  summary(l, before, after) {
    const { outputs, deltas, weights } = this.work;
    const hidden = l + 1 < weights.length;
    const saturated = hidden ? this.saturation(l) : undefined;
    return {
      activation_rms: rms(outputs[l + 1]),
      delta_rms: rms(deltas[l + 1]),
      weight_gradient_rms: rms(weights[l]),
      update_ratio: rms(after, before) / rms(before),
      saturated: hidden ? mean(saturated) : NaN,
      // 배치의 모든 입력에서 포화된 유닛의 비율. ReLU에서는 죽은 유닛입니다.
      dead: hidden ? mean(saturated.map((share) => (share === 1 ? 1 : 0))) : NaN,
    };
  }

  /** 은닉층 l(0이 첫째)의 유닛마다, 배치 가운데 포화된(기울기가 최댓값의 5 %도 안 되는) 것의 비율. */
  saturation(l) {
    const { slope, steepest } = this.net.activation;
    const a = this.work.outputs[l + 1];
    const width = this.net.sizes[l + 1];
    const shares = new Float64Array(width);
    for (let i = 0; i < a.length; i++) if (slope(a[i]) < 0.05 * steepest) shares[i % width] += 1;
    return shares.map((count) => count / this.work.count);
  }

  /** 시험 자료의 정확도. 로짓이 유한하지 않으면 NaN이고, wi_lib은 그것을 발산으로 봅니다. */
  accuracy(x = this.data.x_test, y = this.data.y_test) {
    const { sizes } = this.net;
    const [features, classes] = [sizes[0], sizes.at(-1)];
    let correct = 0;
    for (let from = 0; from < y.length; from += CHUNK) {
      const count = Math.min(CHUNK, y.length - from);
      const work = this.room(count);
      work.outputs[0].set(x.subarray(from * features, (from + count) * features));
      const logits = this.net.forward(work);
      if (!logits.every(Number.isFinite)) return NaN;
      for (let i = 0; i < count; i++) if (argmax(logits, i * classes, classes) === y[from + i]) correct += 1;
    }
    return correct / y.length;
  }

  /** 시험 자료를 흘려 보낼 자리. 학습하는 동안 되풀이해 재므로 다시 씁니다. */
  room(count) {
    this.rooms ??= new Map();
    if (!this.rooms.has(count)) this.rooms.set(count, new Workspace(count, this.net.sizes));
    return this.rooms.get(count);
  }
}

/** 제곱 평균의 제곱근. 둘을 주면 그 차의 것. float32의 제곱은 float64에서 넘치지도 사라지지도 않습니다. */
function rms(values, others) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = others ? values[i] - others[i] : values[i];
    sum += value * value;
  }
  return Math.sqrt(sum / values.length);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function argmax(values, from, count) {
  let best = 0;
  for (let j = 1; j < count; j++) if (values[from + j] > values[from + best]) best = j;
  return best;
}
