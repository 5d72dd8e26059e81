// 엔진을 워커에서 돌립니다: 명령을 받아 조금씩 나누어 학습시키고, 물을 때마다 지금의 모습을 보냅니다.
//
// 받는 것: { do: "give", name, parts }, { do: "prepare", run, setting }, { do: "run", run, until, look },
// { do: "pause", run }, { do: "look", run, wants: { weights, saturation, boundary } }.
// 보내는 것: { kind: "snapshot", run, … }, { kind: "error", run, message }.
// run의 look은 첫 걸음의 모습을 곧바로 보내라는 것입니다: 큰 망은 한 걸음이 길어, 그 뒤에 물으면 늦습니다.
// run은 prepare마다 하나씩 크는 수이고, 지난 run의 명령은 듣지 않습니다.

import { makeData } from "./data.js";
import { Training } from "./engine.js";
import { finish } from "./network.js";
import { boundaryMap, layerSignals, saturationMaps, unitWeights } from "./signals.js";

// 한 번에 이만큼(밀리초) 학습하고, 그 사이에 온 명령을 듣습니다.
const SLICE = 12;
// 정확도를 재는 횟수와, 그때 쓰는 학습 자료와 시험 자료의 수.
const [POINTS, MEASURED] = [40, 300];
// 결정 경계에 쓰는 곱셈의 수. 학습하는 동안에는 학습을 늦추지 않게 성기게 그립니다.
const [COARSE, FINE] = [1e7, 1.5e8];

class Bench {
  constructor(setting, data) {
    const sizes = [data.features, ...Array(setting.depth).fill(setting.width), data.classes];
    this.training = new Training({ ...setting, sizes }, data);
    finish(this.training.lookAhead());
    this.iterations = setting.iterations;
    this.every = Math.ceil(setting.iterations / POINTS);
    Object.assign(this, { state: "ready", loss: null, accuracy: null, losses: [], points: [], wants: {} });
  }

  /** until걸음까지 학습시키고 시험 자료를 모두 잽니다. 사이사이에 쉬고, until은 그때 바뀌어도 됩니다. */
  *work() {
    const { training } = this;
    this.state = "running";
    this.finishing = false;
    while (training.steps < this.until && !training.diverged) {
      const loss = yield* training.advance();
      if (!training.diverged) this.record(loss);
      if (!training.diverged && training.steps % this.every === 0) yield* this.measure();
      yield;
    }
    this.finishing = true;
    this.accuracy = training.diverged ? NaN : yield* training.finalAccuracy();
    const ended = training.steps === this.iterations;
    // wi_lib처럼, 마지막 걸음에서 넘친 망도 발산입니다.
    if (ended && Number.isNaN(this.accuracy)) training.overflow();
    this.state = training.diverged ? "diverged" : ended ? "done" : "paused";
  }

  record(loss) {
    this.loss = loss;
    this.losses.push(loss);
  }

  *measure() {
    const train = yield* this.training.accuracyOf("train", MEASURED);
    this.accuracy = yield* this.training.accuracyOf("test", MEASURED);
    this.points.push({ step: this.training.steps, train, test: this.accuracy });
  }

  /** 지금의 모습. 보낸 손실과 정확도는 잊습니다. */
  snapshot() {
    const { training, state, loss, losses, points, wants } = this;
    const { steps, net, data } = training;
    const resting = state !== "running";
    this.losses = [];
    this.points = [];
    return {
      kind: "snapshot",
      state,
      step: steps,
      loss,
      accuracy: Number.isFinite(this.accuracy) ? this.accuracy : null,
      from: steps - losses.length,
      losses: Float64Array.from(losses),
      points,
      layers: layerSignals(training),
      saturation: wants.saturation ? saturationMaps(training) : null,
      weights: wants.weights ? unitWeights(training, wants.weights) : null,
      boundary: wants.boundary && data.plane ? boundaryMap(training, resting ? FINE : COARSE) : null,
      // 학습하기 전의 모습에만, 결정 경계 위에 놓을 점을 함께 보냅니다.
      plane: state === "ready" && data.plane ? data : null,
      where: state === "diverged" ? training.where : null,
    };
  }
}

const given = new Map();
let bench = null;

const COMMANDS = {
  give: ({ name, parts }) => given.set(name, parts),
  prepare({ run, setting }) {
    bench = null;
    bench = new Bench(setting, makeData(setting.data, given.get(setting.data)));
    bench.run = run;
    answer();
  },
  run({ until, look = false }) {
    bench.until = Math.min(until, bench.iterations);
    bench.asked ||= look;
    // 걸음의 가운데에 있는 일은 버릴 수 없습니다: 뽑은 배치를 잃습니다.
    if (!bench.job || bench.finishing) bench.job = bench.work();
    schedule();
  },
  pause: () => (bench.until = 0),
  look({ wants }) {
    bench.wants = wants ?? {};
    bench.asked = true;
    if (!bench.job) answer();
  },
};

function answer() {
  bench.asked = false;
  self.postMessage({ ...bench.snapshot(), run: bench.run });
}

/** 오류는 어디에서 나든 페이지에 말합니다. 그 뒤의 명령은 다음 prepare까지 듣지 않습니다. */
function guarded(run, action) {
  try {
    action();
  } catch (error) {
    bench = null;
    self.postMessage({ kind: "error", run, message: `실험대가 이 설정을 이어 가지 못합니다. ${error.message}` });
  }
}

self.onmessage = ({ data: command }) => {
  const heard = command.do === "give" || command.do === "prepare" || command.run === bench?.run;
  if (heard) guarded(command.run ?? bench?.run, () => COMMANDS[command.do](command));
};

// setTimeout은 여러 번 이어 부르면 4밀리초씩 쉬지만, 메시지는 밀린 명령 다음에 곧바로 옵니다.
const channel = new MessageChannel();
let scheduled = false;
channel.port1.onmessage = () => {
  scheduled = false;
  if (bench?.job) guarded(bench.run, slice);
};

function schedule() {
  if (!scheduled) channel.port2.postMessage(null);
  scheduled = true;
}

function slice() {
  const end = performance.now() + SLICE;
  while (bench.job && performance.now() < end) {
    if (bench.job.next().done) {
      bench.job = null;
      answer();
    } else if (bench.asked && !bench.training.midway) answer();
  }
  if (bench.job) schedule();
}
