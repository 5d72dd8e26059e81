// 설정 하나를 wi_lib으로 되풀이하는 파이썬으로 적습니다.

import { ARGUMENTS, parseInitializer } from "./naming.js";

// 자료를 읽는 함수는 load_자료이고, 망의 양 끝은 [특성 수, 클래스 수]입니다.
const ENDS = {
  digits: [64, 10],
  spiral: [2, 2],
  rings: [2, 2],
  checkerboard: [2, 2],
  gaussian: [100, 10],
  mnist: [784, 10],
};
// wi_lib.MLP가 이름만으로는 모르는 초기화 함수.
const UNNAMED = ["constant", "variance_scaling"];

/** 실험대와 같은 손실과 정확도를 찍는 파이썬. */
export function program(setting) {
  const { data, activation, depth, width, learning_rate, optimizer, batch_size, iterations, seed } = setting;
  const [features, classes] = ENDS[data];
  const initializer = initializerCode(setting.initializer);
  return `import numpy as np

import wi_lib
from wi_lib import datasets${initializer.startsWith('"') ? "" : ", initializers"}
from wi_lib.figures.numbers import number, percent

rng = np.random.default_rng(${seed})
data = datasets.load_${data}()
sizes = [${features}] + [${width}] * ${depth} + [${classes}]
initializer = ${initializer}
net = wi_lib.MLP(sizes, "${activation}", initializer, rng=rng)
history = wi_lib.train(
    net, data, learning_rate=${learning_rate}, batch_size=${batch_size},
    iterations=${iterations}, optimizer="${optimizer}", rng=rng,
)
loss = history.loss[-1] if len(history.loss) else np.nan
print(f"{len(history.loss)}걸음, 손실 {number(loss, 4)}, "
      f"시험 정확도 {percent(history.test_accuracy)}")
`;
}

function initializerCode(text) {
  const { name, values, count } = parseInitializer(text);
  if (!count && !UNNAMED.includes(name)) return `"${name}"`;
  const given = values.slice(0, count).map((value, i) => (ARGUMENTS[name][i].choices ? `"${value}"` : value));
  return `initializers.${name}(${given.join(", ")})`;
}
