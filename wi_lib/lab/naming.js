// 값이 들 수 있는 범위와, 초기화 함수의 이름과 인자. 엔진은 가중치를 뽑을 때, 페이지는 설정을 읽을 때 씁니다.
//
// 범위는 { choices: { 값: 이름 } }이거나 { lowest, highest, above, whole }입니다. above이면 lowest는 빠지고, whole이면
// 정수만입니다. 인자의 범위는 wi_lib의 초기화 함수가 받는 범위와 같고, 크기만 10분의 1까지입니다: MLP는 절댓값이 10¹⁵을
// 넘는 가중치를 거절하는데, 정규분포에서 뽑은 가중치는 표준편차의 몇 배까지 나옵니다.

const LARGEST = 1e14;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const MODES = { fan_in: "fan_in", fan_out: "fan_out", fan_avg: "둘의 평균" };
const DISTRIBUTIONS = { normal: "정규분포", truncated_normal: "자른 정규분포", uniform: "균등분포" };

const size = (name, label, initial) => ({ name, label, initial, lowest: 0, highest: LARGEST });

// 초기화 함수마다 받는 인자를 차례대로. initial이 없으면 꼭 적어야 합니다.
export const ARGUMENTS = {
  zeros: [],
  constant: [{ name: "c", label: "값 c", lowest: -LARGEST, highest: LARGEST }],
  normal: [size("std", "표준편차", 0.01)],
  uniform: [size("limit", "한계", 0.05)],
  truncated_normal: [size("std", "표준편차", 0.01)],
  variance_scaling: [
    size("scale", "배율", 1),
    { name: "mode", label: "fan", initial: "fan_in", choices: MODES },
    { name: "distribution", label: "분포", initial: "normal", choices: DISTRIBUTIONS },
  ],
  lecun_normal: [],
  lecun_uniform: [],
  xavier_normal: [],
  xavier_uniform: [],
  he_normal: [],
  he_uniform: [],
  orthogonal: [size("gain", "gain", 1)],
  identity: [size("gain", "gain", 1)],
  sparse: [
    { name: "connections", label: "유닛마다 잇는 입력", initial: 15, lowest: 1, highest: 1e9, whole: true },
    size("std", "표준편차", 1),
  ],
  sparse_fraction: [
    { name: "sparsity", label: "0으로 두는 비율", initial: 0.1, lowest: 0, highest: 1 },
    size("std", "표준편차", 0.01),
  ],
};

/** 글이나 수에서 읽은 값. 범위 밖이면 undefined입니다. */
export function valueIn(range, given) {
  const text = String(given).trim();
  if (range.choices) return Object.hasOwn(range.choices, text) ? text : undefined;
  const value = NUMBER.test(text) ? Number(text) : NaN;
  const inside = value >= range.lowest && value <= range.highest && !(range.above && value === range.lowest);
  return inside && (!range.whole || Number.isInteger(value)) ? value + 0 : undefined;
}

/** 범위 밖의 값을 거절하는 문장: 인자 이름, 쓸 수 있는 값, 받은 값. */
export function refusal(name, range, given) {
  const { choices, lowest, highest, above, whole } = range;
  const allowed = choices
    ? `다음 이름(${Object.keys(choices).join(", ")})`
    : `${end(lowest)} ${above ? "초과" : "이상"} ${end(highest)} 이하의 ${whole ? "정수" : "실수"}`;
  return said(name, allowed, given);
}

const end = (value) => (Math.abs(value) === LARGEST ? `${value < 0 ? "-" : ""}10¹⁴` : value.toLocaleString("en"));

function said(name, allowed, given) {
  return `${name}에는 ${allowed}만 쓸 수 있습니다. 받은 값: ${shortened(given)}`;
}

/** 독자가 적은 글을 문장에 옮길 만큼만. */
export function shortened(given) {
  const text = String(given).trim();
  return text.length > 60 ? `${text.slice(0, 57)}…` : text || "(없음)";
}

/**
 * `he_normal`, `normal(0.01)`, `variance_scaling(2, mode="fan_avg")`처럼 적은 글을 { name, values, count }로.
 * values는 적지 않은 인자까지 채운 것이고, count는 마지막으로 적은 인자까지의 수입니다. 틀리면 RangeError입니다.
 */
export function parseInitializer(text) {
  const [, written = "", list = ""] = /^(\w+)\s*(?:\(([^()]*)\))?$/.exec(String(text).trim()) ?? [];
  const name = written.replace(/^glorot_/, "xavier_").replace(/^kaiming_/, "he_");
  if (!Object.hasOwn(ARGUMENTS, name)) throw new RangeError(refusal("initializer", { choices: ARGUMENTS }, text));
  const wanted = ARGUMENTS[name];
  const values = wanted.map((argument) => argument.initial);
  const given = list.trim() ? list.split(",").map(argumentOf) : [];
  const places = given.map(([key], i) => (key ? wanted.findIndex((argument) => argument.name === key) : i));
  if (places.some((place) => !wanted[place]) || new Set(places).size < places.length) {
    const known = wanted.map((argument) => argument.name).join(", ");
    throw new RangeError(said(`initializer의 ${name}`, known ? `인자 ${known}` : "인자 없는 이름", text));
  }
  places.forEach((place, i) => (values[place] = argumentIn(name, wanted[place], given[i][1])));
  wanted.forEach((argument, i) => (values[i] ??= argumentIn(name, argument, "")));
  return { name, values, count: Math.max(0, ...places.map((place) => place + 1)) };
}

/** `0.01`이나 `std=0.01`, 따옴표를 두른 `"fan_in"`에서 [이름, 값]. */
function argumentOf(word) {
  const [, key, value] = /^(?:\s*(\w+)\s*=)?(.*)$/s.exec(word);
  return [key, value.trim().replace(/^(["'])(.*)\1$/, "$2")];
}

function argumentIn(name, argument, given) {
  const value = valueIn(argument, given);
  if (value === undefined) throw new RangeError(refusal(`initializer의 ${name}에서 ${argument.name}`, argument, given));
  return value;
}

/** 이름과 인자를 설정에 적는 글로. */
export function formatInitializer(name, values) {
  return values.length ? `${name}(${values.join(", ")})` : name;
}
