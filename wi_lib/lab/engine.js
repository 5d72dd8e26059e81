// 설정 하나로 망을 만들고 한 걸음씩 학습시킵니다. wi_lib의 training.py와 짝을 이룹니다.
//
// 다음의 파이썬과 같은 가중치에서 시작해 같은 배치를 봅니다. 배치는 가중치를 뽑은 rng가 이어서 뽑습니다.
//   rng = np.random.default_rng(seed)
//   net = wi_lib.MLP(sizes, activation, initializer, rng=rng)
//   wi_lib.train(net, data, learning_rate=…, batch_size=…, iterations=…, rng=rng, optimizer=…)

import { finish, makeOutputs, MLP, Workspace } from "./network.js";
import { getOptimizer } from "./optimizers.js";
import { Generator } from "./random.js";
import { allFinite, brokenForward, brokenGradient } from "./signals.js";

// 시험 자료는 이만큼씩 나누어 흘려 보냅니다.
const CHUNK = 64;

export class Training {
  /**
   * - setting: wi_lib의 이름 그대로 { sizes, activation, initializer, seed, learning_rate, optimizer, batch_size }.
   * - data: { x_train, y_train, x_test, y_test, brightest }. x는 행 우선이고, 화소이면 brightest로 나누어 씁니다.
   */
  constructor(setting, data) {
    const { sizes, activation, initializer, seed, learning_rate, optimizer, batch_size } = setting;
    this.data = data;
    this.rng = new Generator(seed);
    this.net = new MLP(sizes, activation, initializer, this.rng);
    this.work = new Workspace(batch_size, sizes);
    this.labels = new Int32Array(batch_size);
    this.move = getOptimizer(optimizer)(this.net.parameters, learning_rate);
    // 마지막 걸음을 옮기기 전의 가중치. 얼마나 움직였는지를 잽니다.
    this.before = this.net.weights.map((weight) => weight.slice());
    this.room = makeOutputs(CHUNK, sizes);
    this.steps = 0;
    this.diverged = false;
    this.where = null;
    this.ahead = false;
  }

  /** 다음 걸음의 배치를 뽑아 손실과 기울기를 구해 둡니다. 학습하지 않은 망도 첫 배치의 신호를 보일 수 있습니다. */
  *lookAhead() {
    if (this.ahead) return;
    this.takeBatch();
    this.loss = yield* this.net.backpropagate(this.work, this.labels);
    if (Number.isFinite(this.loss)) this.where ??= brokenGradient(this);
    this.ahead = true;
  }

  /** 한 걸음 옮기고, 옮기기 전의 손실을 돌려줍니다. 손실이 유한하지 않으면 발산이고 걸음으로 세지 않습니다. */
  *advance() {
    this.midway = true;
    yield* this.lookAhead();
    this.ahead = this.midway = false;
    this.diverged = !Number.isFinite(this.loss);
    if (this.diverged) {
      this.where ??= brokenForward(this, this.work.outputs, this.steps + 1);
    } else {
      this.before.forEach((kept, l) => kept.set(this.net.weights[l]));
      this.move(this.work.gradients);
      this.steps += 1;
    }
    return this.loss;
  }

  step() {
    return finish(this.advance());
  }

  takeBatch() {
    const { x_train, y_train, brightest = 1 } = this.data;
    const features = this.net.sizes[0];
    const [x] = this.work.outputs;
    for (let i = 0; i < this.labels.length; i++) {
      const chosen = this.rng.below(y_train.length);
      this.labels[i] = y_train[chosen];
      // 배치마다 subarray를 만들어 옮기는 것보다, 예순네 칸쯤은 하나씩 옮기는 편이 빠릅니다.
      for (let j = 0; j < features; j++) x[i * features + j] = x_train[chosen * features + j] / brightest;
    }
  }

  /** part("train", "test")에서 고르게 건너뛰며 고른 most개까지의 정확도. 로짓이 유한하지 않으면 NaN입니다. 사이사이에 쉽니다. */
  *accuracyOf(part, most = Infinity) {
    const { [`x_${part}`]: x, [`y_${part}`]: y, brightest = 1 } = this.data;
    const [features, classes] = [this.net.sizes[0], this.net.sizes.at(-1)];
    const stride = Math.ceil(y.length / most) || 1;
    const total = Math.ceil(y.length / stride);
    let correct = 0;
    for (let from = 0; from < total; from += CHUNK) {
      const count = Math.min(CHUNK, total - from);
      const outputs = this.room.map((values) => values.subarray(0, (values.length / CHUNK) * count));
      for (let i = 0; i < count; i++) {
        const first = (from + i) * stride * features;
        for (let j = 0; j < features; j++) outputs[0][i * features + j] = x[first + j] / brightest;
      }
      const logits = yield* this.net.forward(outputs);
      if (!allFinite(logits)) return NaN;
      for (let i = 0; i < count; i++) if (argmax(logits, i * classes, classes) === y[(from + i) * stride]) correct += 1;
      yield;
    }
    return correct / total;
  }

  /** 시험 자료 모두의 정확도. 파라미터나 로짓이 유한하지 않으면 NaN입니다. */
  *finalAccuracy() {
    return this.net.parameters.every(allFinite) ? yield* this.accuracyOf("test") : NaN;
  }

  /** 마지막 걸음에서 넘친 망입니다. */
  overflow() {
    this.diverged = true;
    this.where ??= brokenForward(this, this.room, this.steps);
  }

  accuracy() {
    return finish(this.finalAccuracy());
  }
}

function argmax(values, from, count) {
  let best = 0;
  for (let j = 1; j < count; j++) if (values[from + j] > values[from + best]) best = j;
  return best;
}
