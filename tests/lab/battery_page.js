// 페이지에서 부릅니다. 앞에 워커의 글 ENGINE과 자료 DIGITS가 있습니다. 설정 하나를 끝까지 학습시키며 화면이 하듯 묻습니다.

const worker = new Worker(URL.createObjectURL(new Blob([ENGINE], { type: "text/javascript" })));
// 결정 경계는 학습보다 오래 걸리기도 하므로, 시드가 이것으로 나누어떨어질 때에만 묻습니다.
const BOUNDARY = 4;
const PATIENCE = 60_000;
let run = 0;

/** 끝난 모습에, 모든 손실과 본 모습의 수, 어긋난 것의 목록을 더한 것. 오류이면 { state: "error", message }. */
window.trial = (setting, digits = DIGITS) => {
  const { promise, resolve } = Promise.withResolvers();
  const losses = [];
  const wrong = new Set();
  let [seen, waiting, pressed] = [0, false, 0];
  const wants = { weights: { layer: 1, unit: 0 }, saturation: true, boundary: setting.seed % BOUNDARY === 0 };
  run += 1;
  const silent = setTimeout(() => resolve({ state: "silent", losses, wrong: [...wrong] }), PATIENCE);
  const finish = (answer) => {
    clearTimeout(silent);
    worker.onmessage = null;
    resolve({ ...answer, losses, wrong: [...wrong], seen });
  };
  const look = () => {
    if (waiting || !worker.onmessage) return;
    waiting = true;
    worker.postMessage({ do: "look", run, wants });
  };
  worker.onmessage = ({ data: shot }) => {
    if (shot.run !== run) return;
    if (shot.kind === "error") return finish({ state: "error", message: shot.message });
    seen += 1;
    waiting = false;
    check(shot, losses.length, setting).forEach((text) => wrong.add(text));
    losses.push(...shot.losses);
    const { state, step, loss, accuracy, where } = shot;
    if (state === "ready" && !pressed) {
      pressed = performance.now();
      worker.postMessage({ do: "run", run, until: setting.iterations });
    }
    if (pressed && ["done", "diverged", "paused"].includes(state)) finish({ state, step, loss, accuracy, where });
    else requestAnimationFrame(look);
  };
  worker.postMessage({ do: "give", name: "digits", parts: digits });
  worker.postMessage({ do: "prepare", run, setting });
  return promise;
};

/** 모습 하나가 약속한 꼴인지. 수가 아닌 것을 수로 보이면 그 이름을 적습니다. */
function check(shot, before, { depth, width, data }) {
  const number = (value) => value === null || Number.isFinite(value);
  const accuracy = (value) => value === null || (value >= 0 && value <= 1);
  const rules = {
    loss: number(shot.loss),
    accuracy: accuracy(shot.accuracy),
    losses: shot.losses.every(Number.isFinite),
    from: shot.from === before && shot.step === before + shot.losses.length,
    layers: Object.values(shot.layers).every((values) => values.length === depth + 1),
    saturation: !shot.saturation || (shot.saturation.length === depth && shot.saturation.every((s) => s.length === width)),
    weights: !shot.weights || shot.weights.values.length > 0,
    boundary: !shot.boundary || shot.boundary.classes.length === shot.boundary.size ** 2,
    plane: !shot.boundary || ["spiral", "rings", "checkerboard"].includes(data),
    where: (shot.where !== null) === (shot.state === "diverged"),
  };
  return Object.keys(rules).filter((name) => !rules[name]);
}
