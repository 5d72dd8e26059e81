// wi_lib의 activations.py와 짝을 이룹니다. apply는 제자리에서 f(z)로 바꾸고, slope는 출력 a에서 f'(z)를 구합니다.
// float32로 계산하는 wi_lib과 같은 자리에서 반올림합니다(f32). 지수 함수만은 float64로 구한 뒤에 반올림합니다.

const f32 = Math.fround;
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

const each = (f) => (z) => {
  for (let i = 0; i < z.length; i++) z[i] = f(z[i]);
};

/** Math.tanh의 세 배쯤 빠릅니다. 뺄셈에서 잃는 자릿수는 float64에만 있고, 아주 작은 z에서는 tanh z = z입니다. */
function tanh(z) {
  if (Math.abs(z) < 1e-4) return z;
  const e = Math.exp(-2 * Math.abs(z));
  const t = (1 - e) / (1 + e);
  return z < 0 ? -t : t;
}

function leakyRelu(slope) {
  const small = f32(slope);
  return {
    // NumPy의 maximum처럼 NaN은 NaN으로 둡니다.
    apply: each((z) => (z > 0 || z !== z ? z : f32(small * z))),
    slope: (a) => (a > 0 ? 1 : small),
    steepest: 1,
  };
}

function selu() {
  const [alpha, scale, both] = [f32(SELU_ALPHA), f32(SELU_SCALE), f32(SELU_SCALE * SELU_ALPHA)];
  return {
    apply: each((z) => f32(scale * (z > 0 ? z : f32(alpha * f32(Math.expm1(z)))))),
    slope: (a) => (a > 0 ? scale : f32(a + both)),
    steepest: SELU_SCALE * SELU_ALPHA,
  };
}

const ACTIVATIONS = {
  sigmoid: () => ({
    apply: each((z) => f32(0.5 * f32(1 + f32(tanh(f32(0.5 * z)))))),
    slope: (a) => f32(a * f32(1 - a)),
    steepest: 0.25,
  }),
  tanh: () => ({ apply: each(tanh), slope: (a) => f32(1 - f32(a * a)), steepest: 1 }),
  relu: () => ({ apply: each((z) => (z > 0 || z !== z ? z : 0)), slope: (a) => (a > 0 ? 1 : 0), steepest: 1 }),
  leaky_relu: (slope = 0.01) => leakyRelu(slope),
  selu,
  identity: () => ({ apply: () => {}, slope: () => 1, steepest: 1 }),
};

/** `relu`, `leaky_relu(0.2)`처럼 적은 이름에서 활성화 함수를 얻습니다. */
export function getActivation(text) {
  const [, name, slope] = /^(\w+)(?:\((.*)\))?$/.exec(text.trim()) ?? [];
  if (!Object.hasOwn(ACTIVATIONS, name)) throw new RangeError(`모르는 활성화 함수입니다: ${text}`);
  return ACTIVATIONS[name](...(slope === undefined ? [] : [Number(slope)]));
}
