// 설정: 이름과 범위, 주소의 글과 오가는 법, 같은 난수로 크기만 바꾸는 법. 이름은 wi_lib의 것입니다.

import { formatInitializer, parseInitializer, refusal, shortened, valueIn } from "./naming.js";
import { MISSIONS } from "./tasks.js";

const DATA = {
  digits: "손글씨 숫자(8 × 8)",
  spiral: "나선",
  rings: "고리",
  checkerboard: "바둑판",
  gaussian: "정규분포 입력",
  mnist: "MNIST(내 파일)",
};
const ACTIVATIONS = { sigmoid: "sigmoid", tanh: "tanh", relu: "ReLU", leaky_relu: "leaky ReLU", selu: "SELU" };
const OPTIMIZERS = { sgd: "SGD", momentum: "모멘텀", adam: "Adam" };

// 조절기에 적는 초기화 함수의 이름. 인자는 naming.js의 ARGUMENTS에 있습니다.
export const INITIALIZER_LABELS = {
  zeros: "모두 0",
  constant: "모두 같은 값",
  normal: "정규분포",
  uniform: "균등분포",
  truncated_normal: "자른 정규분포",
  lecun_normal: "LeCun(정규분포)",
  lecun_uniform: "LeCun(균등분포)",
  xavier_normal: "Xavier(정규분포)",
  xavier_uniform: "Xavier(균등분포)",
  he_normal: "He(정규분포)",
  he_uniform: "He(균등분포)",
  variance_scaling: "배율/fan",
  orthogonal: "직교",
  identity: "단위행렬",
  sparse: "희소(Martens)",
  sparse_fraction: "희소(PyTorch)",
};

const count = (label, lowest, highest) => ({ label, lowest, highest, whole: true });

// 주소에 적는 차례대로. choices이면 고르고, 아니면 수이며, initializer는 글입니다.
export const FIELDS = {
  data: { label: "자료", choices: DATA },
  activation: { label: "활성화 함수", choices: ACTIVATIONS },
  initializer: { label: "초기화" },
  depth: count("은닉층 수", 1, 50),
  width: count("은닉층의 너비", 2, 256),
  learning_rate: { label: "학습률", lowest: 0, highest: 1e6, above: true },
  optimizer: { label: "최적화기", choices: OPTIMIZERS },
  batch_size: count("배치 크기", 1, 1024),
  iterations: count("걸음 수", 1, 100000),
  seed: count("시드", 0, Number.MAX_SAFE_INTEGER),
};

export const DEFAULTS = {
  data: "digits",
  activation: "relu",
  initializer: "he_normal",
  depth: 4,
  width: 50,
  learning_rate: 0.1,
  optimizer: "sgd",
  batch_size: 32,
  iterations: 200,
  seed: 0,
};

// 주소에 있으면 그대로 남는 것: 과제와, 가르치는 이가 고친 목표.
const EXTRAS = { mission: { choices: MISSIONS }, goal: { lowest: 0, highest: 1, above: true } };

const MOST_ERRORS = 10;

/** 값이 틀렸으면 그 까닭을, 맞으면 빈 글을 돌려줍니다. */
export function check(name, value) {
  return read(name, value).message;
}

function read(name, given) {
  const range = FIELDS[name] ?? EXTRAS[name];
  if (name === "initializer") {
    try {
      const { name: known, values, count } = parseInitializer(given);
      return { value: formatInitializer(known, values.slice(0, count)), message: "" };
    } catch (error) {
      return { message: error.message };
    }
  }
  const value = valueIn(range, given);
  return { value, message: value === undefined ? refusal(name, range, given) : "" };
}

/**
 * 주소의 글을 { setting, errors: [{ name, message }] }로. 틀린 값은 처음 값으로 두고 errors에서 말합니다.
 * 적지 않은 것은 과제(mission)의 처음 값, 과제가 없으면 DEFAULTS입니다.
 */
export function parse(text) {
  const values = {};
  const errors = [];
  const seen = new Set();
  // 등호가 없는 것은 제목으로 가는 주소입니다.
  const pieces = text.includes("=") ? text.replace(/^[#?]/, "").split("&").filter(Boolean) : [];
  for (const piece of pieces) {
    const [name, given] = decoded(piece);
    const message = problem(name, given, seen);
    seen.add(name);
    const found = message ? { message } : read(name, given);
    if (found.message) errors.push({ name, message: found.message });
    else values[name] = found.value;
  }
  if (values.goal && !values.mission) {
    delete values.goal;
    errors.push({ name: "goal", message: "goal: 과제(mission)와 함께 적습니다." });
  }
  return { setting: { ...DEFAULTS, ...MISSIONS[values.mission]?.start, ...values }, errors: firstOf(errors) };
}

/** 망가진 주소 하나가 페이지를 문장으로 메우지 않게, 많으면 몇 개만 말합니다. */
function firstOf(errors) {
  const left = errors.length - MOST_ERRORS;
  return left > 0 ? [...errors.slice(0, MOST_ERRORS), { name: "", message: `이 밖에 ${left}개를 더 읽지 못했습니다.` }] : errors;
}

function problem(name, given, seen) {
  const known = Object.keys({ ...FIELDS, ...EXTRAS });
  if (given === undefined) return `주소의 ${shortened(name)}에는 %로 적은 글자가 깨져 있습니다. 주소를 다시 복사해 보십시오.`;
  if (!known.includes(name)) return `${shortened(name)}: 모르는 이름입니다. 아는 이름: ${known.join(", ")}`;
  return seen.has(name) ? `${name}: 두 번 적혀 있어 처음 것만 씁니다. 버린 값: ${shortened(given)}` : "";
}

/** `이름=값`을 [이름, 값]으로. 더하기는 빈칸이지만, 1e+3의 것은 수의 일부입니다. */
function decoded(piece) {
  const at = piece.includes("=") ? piece.indexOf("=") : piece.length;
  const plain = (text) => decodeURIComponent(text.replace(/(\de)?\+/gi, (whole, digit) => (digit ? whole : " "))).trim();
  try {
    return [plain(piece.slice(0, at)), plain(piece.slice(at + 1))];
  } catch {
    return [piece.slice(0, at), undefined];
  }
}

/** 설정을 주소의 글로: 모든 이름을 정해진 차례로. */
export function format(setting) {
  const names = [...Object.keys(FIELDS), ...Object.keys(EXTRAS)].filter((name) => setting[name] !== undefined);
  return names.map((name) => `${name}=${encoded(setting[name])}`).join("&");
}

const encoded = (value) => encodeURIComponent(String(value).replaceAll(" ", "")).replaceAll("%2C", ",");

// 이름 있는 초기화가 뜻하는 variance_scaling의 인자.
const NAMED = {
  lecun_normal: [1, "fan_in", "normal"],
  lecun_uniform: [1, "fan_in", "uniform"],
  xavier_normal: [1, "fan_avg", "normal"],
  xavier_uniform: [1, "fan_avg", "uniform"],
  he_normal: [2, "fan_in", "normal"],
  he_uniform: [2, "fan_in", "uniform"],
};
// 크기를 정하는 인자가 몇째인지. variance_scaling은 분산을 정하므로 따로 셉니다.
const SIZE_AT = { sparse: 1, sparse_fraction: 1 };

/** 같은 난수로 크기만 k배인 초기화의 글. 크기가 없거나(zeros) 범위를 벗어나면 null입니다. */
export function scaled(initializer, k) {
  let { name, values } = parseInitializer(initializer);
  if (NAMED[name]) [name, values] = ["variance_scaling", NAMED[name]];
  if (!values.length) return null;
  const at = SIZE_AT[name] ?? 0;
  const factor = name === "variance_scaling" ? k * k : k;
  // 0.07의 열 배가 0.7000000000000001이 되지 않게 합니다.
  const larger = values.with(at, Number((values[at] * factor).toPrecision(15)));
  const same = Object.keys(NAMED).find((known) => name === "variance_scaling" && `${NAMED[known]}` === `${larger}`);
  const text = same ?? formatInitializer(name, larger);
  return check("initializer", text) ? null : text;
}

/** 유효숫자 네 개로 적은 글. wi_lib의 figures/numbers.py가 적는 것과 같습니다. */
export function numberText(value) {
  if (Number.isNaN(value)) return "발산";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "-∞";
  const [digits, exponent] = value.toExponential(3).split("e").map(Number);
  if (!digits || (-4 < exponent && exponent < 4)) return String(Number(value.toPrecision(4)) + 0);
  const power = String(exponent).replace(/./g, (digit) => (digit === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[digit]));
  return `${digits}×10${power}`;
}

/** 비율을 백분율로: 0.125는 "13 %". */
export function percentText(share) {
  return Number.isNaN(share) ? "발산" : `${Math.floor(100 * share + 0.5)} %`;
}

/** 남겨 둔 실행에 붙이는 짧은 글. */
export function describe(setting) {
  const { data, activation, initializer, depth, width, learning_rate, optimizer, batch_size, seed } = setting;
  const net = `${ACTIVATIONS[activation]} ${initializer}, ${width}유닛 ${depth}층`;
  return `${DATA[data]}, ${net}, ${OPTIMIZERS[optimizer]} ${learning_rate}, 배치 ${batch_size}, 시드 ${seed}`;
}
