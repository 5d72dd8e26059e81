// wi_lib의 sampling.py, structured.py, initializers.py와 짝을 이룹니다. 같은 rng에서 같은 가중치를 뽑습니다.
// 초기화 함수는 (fanIn, fanOut, rng) ⇒ 행 우선인 Float32Array(fanIn × fanOut)입니다.

import { parseInitializer } from "./naming.js";

const f32 = Math.fround;
const TRUNCATED_STD = 0.8796256610342398;
// 표준편차가 1일 때 분포의 끝.
const ENDS = { truncated_normal: 2 / TRUNCATED_STD, uniform: Math.sqrt(3) };

/** 평균 0, 분산 1인 난수. */
function standard(distribution, count, rng) {
  if (distribution === "uniform") {
    const end = f32(Math.sqrt(3));
    return rng.random(count, Float32Array).map((u) => (2 * u - 1) * end);
  }
  const draws = rng.standardNormal(count, Float32Array);
  if (distribution === "truncated_normal") {
    // 밖으로 나간 것만 한꺼번에 다시 뽑습니다. 하나씩 안에 들 때까지 뽑으면 wi_lib과 차례가 달라집니다.
    let outside = [];
    for (let i = 0; i < count; i++) if (Math.abs(draws[i]) > 2) outside.push(i);
    while (outside.length) {
      for (const i of outside) draws[i] = rng.normal32();
      outside = outside.filter((i) => Math.abs(draws[i]) > 2);
    }
    const cut = f32(TRUNCATED_STD);
    for (let i = 0; i < count; i++) draws[i] /= cut;
  }
  return draws;
}

/** 표준편차가 std인 난수. float32로 곱하며 반올림된 값이 분포의 끝을 넘지 않게 자릅니다. */
function scaled(distribution, count, rng, std) {
  const draws = standard(distribution, count, rng);
  const size = f32(std);
  for (let i = 0; i < count; i++) draws[i] *= size;
  if (!(distribution in ENDS)) return draws;
  const bound = below(ENDS[distribution] * std);
  for (let i = 0; i < count; i++) draws[i] = Math.min(Math.max(draws[i], -bound), bound);
  return draws;
}

/** end에 가장 가까운 float32. 그것이 end보다 크면 그 바로 아래의 float32. */
function below(end) {
  const bound = new Float32Array([end]);
  if (bound[0] > end * (1 + 1e-15)) new Uint32Array(bound.buffer)[0] -= 1;
  return bound[0];
}

const FANS = {
  fan_in: (fanIn) => fanIn,
  fan_out: (_, fanOut) => fanOut,
  fan_avg: (fanIn, fanOut) => (fanIn + fanOut) / 2,
};

const varianceScaling = (scale, mode, distribution) => (fanIn, fanOut, rng) =>
  scaled(distribution, fanIn * fanOut, rng, Math.sqrt(scale / FANS[mode](fanIn, fanOut)));

const plain = (distribution, std) => (fanIn, fanOut, rng) => scaled(distribution, fanIn * fanOut, rng, std);

const constant = (c) => (fanIn, fanOut) => new Float32Array(fanIn * fanOut).fill(c);

const identity = (gain) => (fanIn, fanOut) => {
  const weights = new Float32Array(fanIn * fanOut);
  for (let i = 0; i < Math.min(fanIn, fanOut); i++) weights[i * fanOut + i] = gain;
  return weights;
};

/** 긴 쪽이 세로인 정규분포 행렬을 그람–슈미트로 직교시킵니다. 길이로 나누므로 R의 대각 성분은 늘 양수입니다. */
const orthogonal = (gain) => (fanIn, fanOut, rng) => {
  const [long, short] = [Math.max(fanIn, fanOut), Math.min(fanIn, fanOut)];
  const drawn = rng.standardNormal(long * short);
  const columns = Array.from({ length: short }, (_, j) =>
    Float64Array.from({ length: long }, (_, i) => drawn[i * short + j]),
  );
  columns.forEach((column, j) => {
    const length = Math.sqrt(dot(column, column));
    for (let i = 0; i < long; i++) column[i] /= length;
    // 뽑은 열을 한꺼번에가 아니라, 열 하나를 정할 때마다 남은 열에서 그 방향을 뺍니다(수치적으로 안정합니다).
    for (const later of columns.slice(j + 1)) {
      const along = dot(column, later);
      for (let i = 0; i < long; i++) later[i] -= along * column[i];
    }
  });
  const tall = fanIn >= fanOut;
  const weights = new Float32Array(fanIn * fanOut);
  for (let i = 0; i < fanIn; i++)
    for (let j = 0; j < fanOut; j++) weights[i * fanOut + j] = gain * (tall ? columns[j][i] : columns[i][j]);
  return weights;
};

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** axis 방향(0은 열마다, 1은 행마다)으로 kept(fanIn, fanOut)개만 무작위로 남긴 정규분포. */
const masked = (axis, kept, std) => (fanIn, fanOut, rng) => {
  const places = rng.random(fanIn * fanOut);
  const weights = plain("normal", std)(fanIn, fanOut, rng);
  const [lines, length, next, step] = axis ? [fanIn, fanOut, fanOut, 1] : [fanOut, fanIn, 1, fanOut];
  for (let line = 0; line < lines; line++) {
    const at = Uint32Array.from({ length }, (_, i) => line * next + i * step);
    for (const i of at.sort((i, j) => places[i] - places[j]).subarray(kept(fanIn, fanOut))) weights[i] = 0;
  }
  return weights;
};

const sparse = (connections, std) => masked(0, (fanIn) => Math.min(connections, fanIn), std);
const sparseFraction = (sparsity, std) => masked(1, (_, fanOut) => fanOut - Math.ceil(sparsity * fanOut), std);

// 인자의 이름과 처음 값은 naming.js에 있습니다.
const INITIALIZERS = {
  zeros: () => constant(0),
  constant,
  normal: (std) => plain("normal", std),
  uniform: (limit) => plain("uniform", limit / Math.sqrt(3)),
  truncated_normal: (std) => plain("truncated_normal", std),
  variance_scaling: varianceScaling,
  lecun_normal: () => varianceScaling(1, "fan_in", "normal"),
  lecun_uniform: () => varianceScaling(1, "fan_in", "uniform"),
  xavier_normal: () => varianceScaling(1, "fan_avg", "normal"),
  xavier_uniform: () => varianceScaling(1, "fan_avg", "uniform"),
  he_normal: () => varianceScaling(2, "fan_in", "normal"),
  he_uniform: () => varianceScaling(2, "fan_in", "uniform"),
  orthogonal,
  identity,
  sparse,
  sparse_fraction: sparseFraction,
};

/** `he_normal`, `normal(0.01)`, `variance_scaling(2, fan_in, uniform)`처럼 적은 이름에서 초기화 함수를 얻습니다. */
export function getInitializer(text) {
  const { name, values } = parseInitializer(text);
  const draw = INITIALIZERS[name](...values);
  return (fanIn, fanOut, rng) => {
    const weights = draw(fanIn, fanOut, rng);
    // 음수에 0을 곱한 −0도 0이 되게 0을 더합니다.
    for (let i = 0; i < weights.length; i++) weights[i] += 0;
    return weights;
  };
}
