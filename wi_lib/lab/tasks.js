// 과제: 처음 설정, 바꿀 수 있는 것, 닿을 목표, 닿고 나서 읽을 글. 화면은 missions.js가 만듭니다.
//
// goal은 마지막 걸음 뒤의 시험 정확도, saturated는 층마다의 포화 비율이 넘지 말아야 할 값, initializers는 쓸 수 있는
// 초기화의 이름입니다. free 말고는 모두 잠급니다. 처음 설정이 못 닿고 알맞은 설정이 닿는지는 test_missions.py가 봅니다.

const DIGITS = { data: "digits", width: 50, optimizer: "sgd", batch_size: 32, seed: 0 };

export const MISSIONS = {
  "deep-relu": {
    title: "20층 ReLU 망 가르치기",
    asks: "표준편차 0.01에서 시작한 20층 ReLU 망은 배우지 못합니다. 초기화와 학습률을 골라 보십시오.",
    start: { ...DIGITS, activation: "relu", initializer: "normal(0.01)", depth: 20, learning_rate: 0.1, iterations: 1500 },
    free: ["initializer", "learning_rate"],
    goal: 0.8,
    teaches: "ReLU는 층마다 신호의 제곱 평균을 절반으로 줄이므로, 분산을 1/fan_in의 두 배로 한 He에서는 20층 뒤에도 신호가 남습니다. 초깃값과 학습률은 함께 골라야 합니다.",
    chapter: ["05_he", "ReLU가 버린 절반 되찾기"],
  },
  "small-std": {
    title: "표준편차 0.01은 그대로 두고",
    asks: "표준편차 0.01에서 시작한 4층 ReLU 망은 SGD로 배우지 못합니다. 초깃값은 두고 최적화기와 학습률만 골라 보십시오.",
    start: { ...DIGITS, activation: "relu", initializer: "normal(0.01)", depth: 4, learning_rate: 0.1, iterations: 2000 },
    free: ["optimizer", "learning_rate"],
    goal: 0.75,
    teaches: "기울기가 모든 층에서 똑같이 작으면 SGD는 학습률을 키워도 편향이 먼저 4층의 ReLU를 모두 끕니다. 기울기를 그 크기로 나누어 걷는 Adam에서는 가중치도 함께 자랍니다.",
    chapter: ["06_mnist", "MNIST로 확인하기"],
  },
  "no-randomness": {
    title: "난수 없이 대칭성 깨기",
    asks: "모두 0.1에서 시작한 망은 배우지 못합니다. 난수를 쓰지 않는 초기화(모두 0, 모두 같은 값, 단위행렬)로 가르쳐 보십시오.",
    start: { ...DIGITS, activation: "relu", initializer: "constant(0.1)", depth: 3, learning_rate: 0.1, iterations: 500 },
    free: ["initializer", "learning_rate"],
    goal: 0.85,
    initializers: ["zeros", "constant", "identity"],
    teaches: "단위행렬에는 난수가 없지만 유닛마다 보는 입력이 달라 기울기도 다릅니다. 필요한 것은 난수가 아니라 서로 다른 출발점입니다.",
    chapter: ["01_zero", "모두 0에서 시작해 보기"],
  },
  "open-sigmoid": {
    title: "sigmoid를 포화에서 꺼내기",
    asks: "표준편차 1에서 시작한 sigmoid는 배우기는 해도 포화됩니다. 어느 은닉층도 15 % 넘게 포화되지 않게 해 보십시오.",
    start: { ...DIGITS, activation: "sigmoid", initializer: "normal(1)", depth: 3, learning_rate: 1, iterations: 500 },
    free: ["initializer", "learning_rate"],
    goal: 0.85,
    saturated: 0.15,
    teaches: "표준편차가 1이면 가중합이 sigmoid의 평평한 끝까지 퍼지고, 0.01이면 포화하지는 않지만 기울기가 작아 SGD로는 배우지 못합니다. 너비 50에서는 그 사이의 0.4 안팎이 둘을 함께 피합니다. 학습률이 3이면 거기에서 시작해도 학습하는 동안 포화됩니다.",
    chapter: ["02_sigmoid_std", "표준편차 1과 0.01을 견주어 보기"],
  },
  "deep-tanh": {
    title: "30층 tanh에 맞는 gain",
    asks: "초기화만 바꾸어 30층 tanh 망을 가르쳐 보십시오. 분산은 1/fan_in의 몇 배여야 할까요?",
    start: { ...DIGITS, activation: "tanh", initializer: "lecun_normal", depth: 30, learning_rate: 0.01, iterations: 800 },
    free: ["initializer"],
    goal: 0.88,
    teaches: "분산 1/fan_in은 30층에 조금 작고, 정규분포에 gain 5/3을 곱하면 역전파 신호가 층마다 1.1배로 자랍니다. 그 사이의 1.5배쯤이나 방향을 지키는 직교 행렬이 맞습니다.",
    chapter: ["04_tanh", "원점 대칭인 tanh로 바꾸어 보기"],
  },
  "right-rate": {
    title: "He에서도 발산할 때",
    asks: "He에서 시작해도 발산합니다. 학습률만 고쳐 보십시오.",
    start: { ...DIGITS, activation: "relu", initializer: "he_normal", depth: 6, learning_rate: 2, iterations: 500 },
    free: ["learning_rate"],
    goal: 0.85,
    teaches: "초깃값은 신호의 크기를 지킬 뿐이고 걸음의 크기는 학습률이 정합니다. 너무 크면 발산하거나 발산하지 않고도 배우지 못하고, 너무 작으면 정한 걸음 안에 다 배우지 못합니다.",
    chapter: ["06_mnist", "MNIST로 확인하기"],
  },
};

/** 과제가 잠근 설정의 이름. 과제가 없으면 비었습니다. */
export function lockedNames(setting) {
  const mission = MISSIONS[setting.mission];
  return mission ? Object.keys(mission.start).filter((name) => !mission.free.includes(name)) : [];
}

/**
 * 실행의 모습({ state, accuracy, layers })을 목표와 견준 { reached, own, text }.
 * own은 책의 과제 그대로인지입니다. 가르치는 이는 주소로 목표(goal)나 잠근 설정을 고쳐 낼 수 있습니다.
 */
export function judge(setting, { state, accuracy, layers }) {
  const { start, goal, saturated = 1, initializers } = MISSIONS[setting.mission];
  const own = setting.goal === undefined && lockedNames(setting).every((name) => setting[name] === start[name]);
  const wanted = setting.goal ?? goal;
  const target = targetText(setting).slice(0, -1);
  const missed = (text) => ({ reached: false, own, text });
  if (initializers && !initializers.includes(setting.initializer.split("(")[0])) {
    return missed(`이 과제에서는 초기화를 ${initializers.join(", ")}에서만 고릅니다.`);
  }
  if (state === "diverged") return missed(`발산했습니다. ${target}.`);
  if (state !== "done") return missed(`${target}.`);
  const most = Math.max(0, ...layers.saturated.slice(0, setting.depth));
  const shares = saturated < 1 ? `, 가장 포화된 층 ${percent(most)}` : "";
  const reached = accuracy >= wanted && most <= saturated;
  return { reached, own, text: `${reached ? "닿았습니다" : "아직입니다"}: ${percent(accuracy)}${shares}. ${target}.` };
}

/** 목표의 글. 과제가 없으면 빈 글입니다. */
export function goalText({ mission, goal }) {
  return mission ? percent(goal ?? MISSIONS[mission].goal) : "";
}

export function targetText(setting) {
  const { saturated } = MISSIONS[setting.mission];
  const most = saturated ? `, 어느 은닉층도 포화 ${percent(saturated)}까지` : "";
  return `목표: ${setting.iterations.toLocaleString("en")}걸음 뒤 시험 정확도 ${goalText(setting)}${most}.`;
}

const percent = (share) => `${Number((100 * share).toFixed(1))} %`;
