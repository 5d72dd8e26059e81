// 실험대의 자료. wi_lib의 datasets.py와 짝을 이루어, 같은 이름의 자료는 비트까지 같습니다.
//
// 자료는 { x_train, y_train, x_test, y_test, brightest, features, classes, image, plane }입니다. 화소는 Uint8Array로
// 두고 배치를 뽑을 때 brightest로 나눕니다: MNIST를 float32로 두면 네 배인 220 MB가 듭니다. image는 [세로, 가로]이거나
// null이고, 입력 하나가 평면의 점 하나이면 plane이 true입니다.

import { Generator } from "./random.js";

/** parts는 페이지가 준 것입니다: digits는 글 하나(digits.py), mnist는 머리말을 뗀 바이트 { x_train, y_train, … }. */
export function makeData(name, parts) {
  if (!Object.hasOwn(MAKERS, name)) {
    const known = Object.keys(MAKERS).join(", ");
    throw new RangeError(`data에는 다음 이름(${known})만 쓸 수 있습니다. 받은 값: ${name}`);
  }
  if (MAKERS[name].length && !parts) throw new RangeError(`자료 ${name}의 파일을 아직 받지 못했습니다.`);
  return { brightest: 1, image: null, plane: false, ...MAKERS[name](parts) };
}

const MAKERS = {
  digits(text) {
    // 화소 모두, 그다음 레이블. 글자 하나가 화소(0–9, a–g) 하나나 레이블 하나입니다.
    const codes = Uint8Array.from(text, (letter) => parseInt(letter, 36));
    const count = codes.length / 65;
    const data = cut(codes.subarray(0, 64 * count), codes.subarray(64 * count), 64, 1500);
    return { ...data, brightest: 16, classes: 10, image: [8, 8] };
  },
  mnist: (parts) => ({ ...parts, brightest: 255, features: 784, classes: 10, image: [28, 28] }),
  spiral: () => plane(spiral),
  rings: () => plane(rings),
  checkerboard: () => plane(checkerboard),
  gaussian() {
    const [count, features, classes] = [1300, 100, 10];
    const x = Float32Array.from(new Generator(0).standardNormal(count * features));
    const y = Uint8Array.from({ length: count }, (_, i) => {
      const first = x.subarray(i * features, i * features + classes);
      return first.indexOf(Math.max(...first));
    });
    return { ...cut(x, y, features, 1000), classes };
  },
};

/** 앞의 count개는 학습 자료, 나머지는 시험 자료. */
function cut(x, y, features, count) {
  return {
    x_train: x.subarray(0, count * features),
    y_train: y.subarray(0, count),
    x_test: x.subarray(count * features),
    y_test: y.subarray(count),
    features,
  };
}

// ── 평면의 자료: [−1, 1]²에 고르게 놓은 점 750개. 난수를 쓰지 않으므로 시드와 상관없이 늘 같습니다.

const POINTS = 750;

/** 셋에 하나는 시험 자료로 둡니다. */
function plane(place) {
  const parts = { x_train: [], y_train: [], x_test: [], y_test: [] };
  for (let i = 0; i < POINTS; i++) {
    const part = i % 3 === 2 ? "test" : "train";
    const [x, y, label] = place(i);
    parts[`x_${part}`].push(x, y);
    parts[`y_${part}`].push(label);
  }
  const x = { x_train: Float32Array.from(parts.x_train), x_test: Float32Array.from(parts.x_test) };
  const y = { y_train: Uint8Array.from(parts.y_train), y_test: Uint8Array.from(parts.y_test) };
  return { ...x, ...y, features: 2, classes: 2, plane: true };
}

// 두 클래스의 점이 번갈아 나오고, 클래스마다 몇째인지를 0과 1 사이로 고르게 폅니다.
const share = (i) => (2 * Math.floor(i / 2) + 1) / POINTS;

/** 반지름이 0에서 1로 가는 동안 한 바퀴 반을 도는 팔 둘. */
function spiral(i) {
  const label = i % 2;
  const radius = Math.sqrt(share(i));
  return polar(radius, Math.PI * (3 * radius + label), label);
}

/** 반지름 0.5의 원과, 그것을 두른 반지름 0.75–1의 고리. 해바라기 씨처럼 놓습니다. */
function rings(i) {
  const label = i % 2;
  const radius = Math.sqrt(label ? 0.5625 + 0.4375 * share(i) : 0.25 * share(i));
  return polar(radius, Math.PI * (3 - Math.sqrt(5)) * Math.floor(i / 2), label);
}

function polar(radius, angle, label) {
  return [radius * Math.cos(angle), radius * Math.sin(angle), label];
}

/** 네 칸씩 나눈 바둑판. 세제곱하면 1을 더한 것이 되는 수(1.3247…)의 거듭제곱을 더해 가면 점이 고르게 놓입니다. */
function checkerboard(i) {
  const [u, v] = [(0.5 + i * 0.7548776662466927) % 1, (0.5 + i * 0.5698402909980532) % 1];
  return [2 * u - 1, 2 * v - 1, (Math.floor(4 * u) + Math.floor(4 * v)) % 2];
}
